import type { EventStore } from '@cairn/event-store';
import type { ClientBase } from 'pg';
import type { DataSource } from 'typeorm';
import { readCheckpoint } from '../checkpoint.js';
import type { ProjectionSet } from '../projection-set.js';
import { compareTables, type TableComparison } from './compare-tables.js';
import { withoutOthers } from './lock-out.js';
import { Scratch } from './scratch.js';
import { swapTables } from './swap-tables.js';

export interface RebuildReport {
  /** False is a defect: the live rows are not what the log says. */
  readonly identical: boolean;
  /** Both sides hold everything below it. */
  readonly position: string;
  readonly tables: readonly TableComparison[];
}

export interface RebuildOptions {
  readonly store: EventStore;
  readonly dataSource: DataSource;
  readonly schema: string;
  readonly projections: ProjectionSet;
  readonly swap: boolean;
}

const FILL = { batch: 5_000 };

/**
 * The live tables stand still only from the last catch-up to the end: the transaction that compares holds the checkpoint row, so no process of
 * this service commits a batch meanwhile. Throws REBUILD_RUNNING.
 */
export function rebuild(options: RebuildOptions): Promise<RebuildReport> {
  return withoutOthers(options.dataSource, options.schema, (client) => rebuildLocked(client, options));
}

async function rebuildLocked(client: ClientBase, { store, dataSource, schema, projections, swap }: RebuildOptions): Promise<RebuildReport> {
  const rebuilt = `${schema}_rebuild`;
  const scratch = await Scratch.open({ store, dataSource, projections, schema: rebuilt });
  try {
    const tables = projections.entities.map((entity) => dataSource.getMetadata(entity).tableName);
    await scratch.fillTo(await readCheckpoint(client), FILL);
    await client.query('BEGIN');
    try {
      const { rows } = await client.query<{ position: string }>('SELECT position FROM projection_checkpoint FOR UPDATE');
      const position = BigInt(rows[0]?.position ?? '0');
      await scratch.fillTo(position, FILL);
      const comparisons = await compareTables(client, { live: schema, rebuilt, tables });
      if (swap) await swapTables(client, { live: schema, rebuilt, tables });
      await client.query('COMMIT');
      return { identical: comparisons.every(({ differing }) => differing === 0), position: String(position), tables: comparisons };
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  } finally {
    await scratch.close();
  }
}
