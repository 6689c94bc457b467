import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import type { ProjectionSet } from '../projection-set.js';
import { Pace } from '../rebuild/pace.js';
import { beginSnapshot, LOOKING, tablesOf } from './replay.js';
import { digestTables, type TableDigest } from './table-digest.js';

export interface LiveDigests {
  /** Last position that is in the rows; undefined before the first event. */
  readonly position: bigint | undefined;
  /** By name. */
  readonly tables: readonly TableDigest[];
}

/**
 * Digests of the live tables as they are at one moment, without holding anybody up. `known` is a position below which everything is known to be in
 * the rows: the stored one stays behind while the log brings nothing for these tables.
 */
export async function digestLive(dataSource: DataSource, schema: string, projections: ProjectionSet, known: bigint): Promise<LiveDigests> {
  const runner = dataSource.createQueryRunner();
  try {
    const client: ClientBase = await runner.connect();
    await beginSnapshot(client);
    try {
      const { rows } = await client.query<{ position: string }>(`SELECT position FROM ${schema}.projection_checkpoint`);
      const stored = BigInt(rows[0]?.position ?? '0');
      const next = stored > known ? stored : known;
      return { position: next === 0n ? undefined : next - 1n, tables: await digestTables(client, schema, tablesOf(projections, dataSource), new Pace(LOOKING)) };
    } finally {
      await client.query('ROLLBACK').catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}
