import type { EventStore, StoredEvent } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import type { DataSource, QueryRunner } from 'typeorm';
import { openReadModel, type MigrationClass } from '../data-source.js';
import type { ProjectionSet } from '../projection-set.js';
import type { Pace } from './pace.js';
import { partitionsOf, type PartitionedTable } from './partitions.js';

export interface ScratchOptions {
  readonly store: EventStore;
  /** Of the live tables: shape, migrations and server are taken from it. */
  readonly dataSource: DataSource;
  readonly projections: ProjectionSet;
  /** Its own; what is in it is dropped. */
  readonly schema: string;
  /**
   * Its tables are only looked at: they need not survive a crash of the server, and so cost the commands' log of changes nothing. And nobody waits for
   * them: the session that fills them never has more than one process of the server.
   */
  readonly passing?: boolean;
}

/** Events that one transaction of a replay applied, and its id as the system column `xmin` of a row shows it. */
export interface AppliedBatch {
  readonly transaction: string;
  /** Of the first and the last event that was applied. */
  readonly first: bigint;
  readonly last: bigint;
}

export interface FillOptions {
  /** Events that are read at once, and those of one transaction at most. */
  readonly batch: number;
  /** Told of every transaction, in order; asking for it costs one more question each. */
  readonly onApplied?: (batch: AppliedBatch) => void;
  /** Whether an event gets a transaction of its own. */
  readonly alone?: (position: bigint) => boolean;
  /** Absent, it goes as fast as it can. */
  readonly pace?: Pace;
}

/** No workers that help a statement, and nothing compiled for it. */
const ALONE = 'SET max_parallel_workers_per_gather = 0; SET jit = off';

/** Empty tables of the shape of the live ones, beside them, filled from the log by the projections that fill the live ones. */
export class Scratch {
  private next = 0n;

  private constructor(
    private readonly options: ScratchOptions,
    private readonly fresh: DataSource,
    /** Idle between two calls of `fillTo`: its connection may be used for questions that see live and filled tables. */
    readonly filling: QueryRunner,
  ) {}

  static async open(options: ScratchOptions): Promise<Scratch> {
    await options.dataSource.query(dropOf(options.schema));
    const fresh = await openFresh(options.dataSource, options.schema);
    const filling = fresh.createQueryRunner();
    if (options.passing === true) {
      await makePassing(fresh, options);
      await filling.query(ALONE);
    }
    return new Scratch(options, fresh, filling);
  }

  get schema(): string {
    return this.options.schema;
  }

  /** Applies what lies below `to` and was not applied yet. Throws LOG_TOO_SHORT when the log ends before it. */
  async fillTo(to: bigint, { batch, onApplied, alone, pace }: FillOptions): Promise<void> {
    const { store, projections } = this.options;
    const paced = <T>(items: number, work: () => Promise<T>): Promise<T> => (pace === undefined ? work() : pace.slice(items, work));
    while (this.next < to) {
      const page = await paced(0, () => store.readAll(this.next, { filter: { types: projections.types }, limit: batch }));
      const end = page.next < to ? page.next : to;
      // A log that ends below a checkpoint is not the log that the live rows came from.
      if (page.next <= this.next) throw new DomainError('LOG_TOO_SHORT', 'The log ends below the position that the read model shows.', 'unmet');
      const events = page.events.filter(({ position }) => position < to);
      for (const together of runsOf(events, () => pace?.size ?? batch, alone)) {
        await paced(together.length, () => this.apply(together, (together.at(-1)?.position ?? 0n) + 1n, onApplied));
      }
      this.next = end;
    }
  }

  /** First position that was not applied yet. */
  get reached(): bigint {
    return this.next;
  }

  async close(): Promise<void> {
    await this.fresh.destroy();
    await this.options.dataSource.query(dropOf(this.schema)).catch(() => undefined);
  }

  private async apply(events: readonly StoredEvent[], next: bigint, onApplied?: (batch: AppliedBatch) => void): Promise<void> {
    await this.options.projections.apply(this.filling, events, next);
    const [first, last] = [events[0], events.at(-1)];
    if (onApplied === undefined || first === undefined || last === undefined) return;
    // The checkpoint row moved in the same transaction.
    const [row] = (await this.filling.query(`SELECT xmin::text AS transaction FROM ${this.schema}.projection_checkpoint`)) as { transaction: string }[];
    onApplied({ transaction: row?.transaction ?? '', first: first.position, last: last.position });
  }
}

/** Cuts a page so that every event that is to be alone is, and no piece has more than `most` says when it is its turn. */
function* runsOf(events: readonly StoredEvent[], most: () => number, alone?: (position: bigint) => boolean): Iterable<readonly StoredEvent[]> {
  for (let from = 0; from < events.length; ) {
    const limit = Math.min(from + most(), events.length);
    let end = from + 1;
    const isAlone = (at: number): boolean => alone?.(events[at]?.position ?? 0n) === true;
    if (!isAlone(from)) while (end < limit && !isAlone(end)) end += 1;
    yield events.slice(from, end);
    from = end;
  }
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

async function makePassing(fresh: DataSource, { dataSource, projections, schema }: ScratchOptions): Promise<void> {
  const ask = (sql: string, parameters: string[]): Promise<PartitionedTable[]> => fresh.query(sql, parameters);
  for (const entity of projections.entities) {
    const tables = await partitionsOf(ask, schema, dataSource.getMetadata(entity).tableName);
    for (const { name, is_leaf } of tables) if (is_leaf) await fresh.query(`ALTER TABLE "${schema}"."${name}" SET UNLOGGED`);
  }
}

function dropOf(schema: string): string {
  return `DROP SCHEMA IF EXISTS ${schema} CASCADE`;
}
