import { Client } from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { CREATE_CHECKPOINT } from './checkpoint.js';
import type { EntityClass } from './projection.js';

export interface ReadModelOptions {
  readonly url: string;
  /** The service's own schema; made when missing. */
  readonly schema: string;
  readonly entities: readonly EntityClass[];
  /** Table names without a schema: the search path is the service's. */
  readonly migrations: readonly MigrationClass[];
  /** Nine services share one server on a laptop, so the default is 4. */
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
}

export type MigrationClass = new () => MigrationInterface;

const DEFAULT_POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens the read model of a service with its schema up to date. Processes that start together wait for each other: one of them migrates.
 */
export async function openReadModel(options: ReadModelOptions): Promise<DataSource> {
  assertSchemaName(options.schema);
  const lock = new Client({ connectionString: options.url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`cairn:migrate:${options.schema}`]);
    await lock.query(`CREATE SCHEMA IF NOT EXISTS ${options.schema}`);
    await lock.query(`SET search_path = ${options.schema}`);
    await lock.query(CREATE_CHECKPOINT);
    const dataSource = new DataSource({
      type: 'postgres',
      url: options.url,
      schema: options.schema,
      entities: [...options.entities],
      migrations: [...options.migrations],
      migrationsTableName: 'migrations',
      poolSize: options.poolSize ?? DEFAULT_POOL_SIZE,
      applicationName: options.applicationName ?? `cairn ${options.schema}`,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      // Many ask at once: workers started for one question would take the processors from the others. What is asked for is in memory or on a disk without a head to move.
      extra: { options: `-c search_path=${options.schema} -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1` },
    });
    await dataSource.initialize();
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } catch (error) {
      await dataSource.destroy();
      throw error;
    }
    return dataSource;
  } finally {
    await lock.end();
  }
}

/** A schema name goes into statements as it is. */
export function assertSchemaName(schema: string): void {
  if (!/^[a-z_][a-z0-9_]{0,49}$/.test(schema)) throw new TypeError(`not a schema name: ${schema}`);
}
