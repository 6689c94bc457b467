import { randomBytes } from 'node:crypto';

import pg from 'pg';

export interface TestDatabase {
  /** Superuser's URL of an empty database that nobody else uses. */
  readonly url: string;
  readonly name: string;
  /** Removes it, ending connections that are still open. */
  drop(): Promise<void>;
}

/** An empty database on the PostgreSQL of this run. Fails when there is none, with what to do. */
export async function createDatabase(): Promise<TestDatabase> {
  const serverUrl = await sharedServerUrl();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await execute(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, name, drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function sharedServerUrl(): Promise<string> {
  // Benchmarks use this library outside of Vitest, where loading it fails.
  const { inject } = await import('vitest');
  const url = inject('cairnPostgresUrl');
  if (url) return url;
  throw new Error(
    'No PostgreSQL in this run: it belongs to the Vitest project `servers`, which takes files named *.int.spec.ts, *.api.spec.ts, ' +
      '*.fault.spec.ts and *.e2e.spec.ts. Rename the spec, or run it with `npx vitest run --project servers <path>`.',
  );
}

async function execute(serverUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  try {
    await client.connect();
    await client.query(statement);
  } catch (cause) {
    const { host } = new URL(serverUrl);
    throw new Error(
      `The PostgreSQL of this test run (${host}) did not do \`${statement}\`. Vitest starts it by itself; ` +
        'if CAIRN_TEST_DATABASE_URL is set, start that server or unset the variable.',
      { cause },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
