import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

import { startPostgres } from '@cairn/embedded';

import { tempDir } from './servers/temp-dir.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser's URL of the PostgreSQL that this run of Vitest shares. */
    cairnPostgresUrl: string;
  }
}

let teardownServer: (() => Promise<void>) | undefined;

/**
 * Vitest's global setup of the project `servers`: one PostgreSQL per run, in a temporary directory, without syncing to disk.
 * CAIRN_TEST_DATABASE_URL names another one to use instead; its user must be allowed to create databases.
 */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env['CAIRN_TEST_DATABASE_URL'];
  if (given) {
    project.provide('cairnPostgresUrl', given);
    return;
  }
  const directory = tempDir('postgres');
  const postgres = await startPostgres({
    dataDir: directory,
    fromTemplate: true,
    settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_wal_size: '1GB' },
    onUnexpectedExit: (error) => process.stderr.write(`${error.message}\n`),
  });
  teardownServer = async () => {
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  project.provide('cairnPostgresUrl', postgres.url);
}

export async function teardown(): Promise<void> {
  await teardownServer?.();
}
