import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import type { ClientBase } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { readCheckpoint } from '../checkpoint.js';
import { openReadModel, type MigrationClass } from '../data-source.js';
import type { ProjectionSet } from '../projection-set.js';
import { compareTables, type TableComparison } from './compare-tables.js';
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

const BATCH = 5_000;

/**
 * The live tables stand still only from the last catch-up to the end: the transaction that compares holds the checkpoint row, so no process of
 * this service commits a batch meanwhile.
 */
export async function rebuild({ store, dataSource, schema, projections, swap }: RebuildOptions): Promise<RebuildReport> {
  const runner = dataSource.createQueryRunner();
  const client: ClientBase = await runner.connect();
  try {
    const lockName = `cairn:rebuild:${schema}`;
    await lockOut(client, lockName);
    try {
      return await rebuildLocked(client, { store, dataSource, schema, projections, swap });
    } finally {
      // A connection that is lost has lost the lock too.
      await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [lockName]).catch(() => undefined);
    }
  } finally {
    await runner.release();
  }
}

async function rebuildLocked(client: ClientBase, { store, dataSource, schema, projections, swap }: RebuildOptions): Promise<RebuildReport> {
  const rebuiltSchema = `${schema}_rebuild`;
  const dropRebuilt = `DROP SCHEMA IF EXISTS ${rebuiltSchema} CASCADE`;
  await client.query(dropRebuilt);
  const fresh = await openFresh(dataSource, rebuiltSchema);
  try {
    const tables = projections.entities.map((entity) => dataSource.getMetadata(entity).tableName);
    const filling = fresh.createQueryRunner();
    const reached = await replay(store, filling, projections, 0n, await readCheckpoint(client));
    await client.query('BEGIN');
    try {
      const { rows } = await client.query<{ position: string }>('SELECT position FROM projection_checkpoint FOR UPDATE');
      const position = BigInt(rows[0]?.position ?? '0');
      await replay(store, filling, projections, reached, position);
      const comparisons = await compareTables(client, { live: schema, rebuilt: rebuiltSchema, tables });
      if (swap) await swapTables(client, { live: schema, rebuilt: rebuiltSchema, tables });
      await client.query('COMMIT');
      return { identical: comparisons.every(({ differing }) => differing === 0), position: String(position), tables: comparisons };
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  } finally {
    await fresh.destroy();
    await client.query(dropRebuilt).catch(() => undefined);
  }
}

async function lockOut(client: ClientBase, lockName: string): Promise<void> {
  const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken', [lockName]);
  if (rows[0]?.taken !== true) throw new DomainError('REBUILD_RUNNING', 'A rebuild of this service is running already.', 'conflict');
}

function openFresh(live: DataSource, schema: string): Promise<DataSource> {
  const { options } = live;
  if (options.type !== 'postgres' || options.url === undefined) throw new TypeError('a read model lives in PostgreSQL and is opened by its URL');
  return openReadModel({
    url: options.url,
    schema,
    entities: live.entityMetadatas.map(({ target }) => target).filter((target) => typeof target === 'function'),
    migrations: live.migrations.map((migration) => migration.constructor as MigrationClass),
    poolSize: 1,
    applicationName: `cairn ${schema}`,
  });
}

/** Applies what lies at or above `from` and below `to`; answers how far it came, which is `to`. */
async function replay(store: EventStore, filling: QueryRunner, projections: ProjectionSet, from: bigint, to: bigint): Promise<bigint> {
  let next = from;
  while (next < to) {
    const page = await store.readAll(next, { filter: { types: projections.types }, limit: BATCH });
    const end = page.next < to ? page.next : to;
    // A log that ends below a checkpoint is not the log that the live rows came from.
    if (page.next <= next) throw new DomainError('LOG_TOO_SHORT', 'The log ends below the position that the read model shows.', 'unmet');
    const events = page.events.filter(({ position }) => position < to);
    if (events.length > 0) await projections.apply(filling, events, end);
    next = end;
  }
  return next;
}
