import { DomainError } from '@cairn/kernel';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';

/** One rebuild or replay of a service at a time, whatever process runs it. Throws REBUILD_RUNNING. `client` is a connection to the live tables. */
export async function withoutOthers<T>(dataSource: DataSource, schema: string, work: (client: ClientBase) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  const client: ClientBase = await runner.connect();
  const lockName = `cairn:rebuild:${schema}`;
  try {
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken', [lockName]);
    if (rows[0]?.taken !== true) throw new DomainError('REBUILD_RUNNING', 'A rebuild or a replay of this service is running already. Ask again when it has ended.', 'conflict');
    try {
      return await work(client);
    } finally {
      // A connection that is lost has lost the lock too.
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [lockName]).catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}
