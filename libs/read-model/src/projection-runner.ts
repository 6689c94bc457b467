import type { EventStore, LogPage, ReadModelBarrier } from '@cairn/event-store';
import type { ClientBase } from 'pg';
import type { Logger } from 'pino';
import type { DataSource, QueryRunner } from 'typeorm';
import { readCheckpoint } from './checkpoint.js';
import { adoptDefinition, definitionOf } from './definition.js';
import { ProjectionSet } from './projection-set.js';
import type { Projection } from './projection.js';
import { digestLive, type LiveDigests } from './replay/digest-live.js';
import { replay, type ReplayReport } from './replay/replay.js';
import { rebuild, type RebuildReport } from './rebuild/rebuild.js';
import { Waiters } from './waiters.js';

export interface ProjectionRunnerOptions {
  readonly store: EventStore;
  readonly dataSource: DataSource;
  /** Where the live tables are; a rebuild uses `<schema>_rebuild` beside it. */
  readonly schema: string;
  readonly projections: readonly Projection[];
  readonly logger: Logger;
}

export type RunnerState = 'stopped' | 'running' | 'halted';

const BATCH = 1_000;
const WAIT_TIMEOUT_MS = 5_000;
const FIRST_BACKOFF_MS = 100;
const LAST_BACKOFF_MS = 30_000;

/**
 * Follows the log and keeps one service's tables at it. Several processes of a service may run one each: the checkpoint row serialises
 * them, and whoever comes second skips. A projection that fails halts all of them, since rows with a hole in them are worse than old rows; the same
 * batch is tried again, at last every 30 s.
 */
export class ProjectionRunner implements ReadModelBarrier {
  private readonly waiters = new Waiters();
  private readonly set: ProjectionSet;
  private readonly listeners: { readonly types: ReadonlySet<string>; readonly listener: () => void }[] = [];
  private abort: AbortController | undefined;
  private loop: Promise<void> | undefined;
  private failed: Error | undefined;

  constructor(private readonly options: ProjectionRunnerOptions) {
    this.set = new ProjectionSet(options.projections);
  }

  /** First position that the rows do not show yet. */
  get checkpoint(): bigint {
    return this.waiters.next;
  }

  get state(): RunnerState {
    if (this.failed !== undefined) return 'halted';
    return this.abort === undefined ? 'stopped' : 'running';
  }

  /** What halted it; for logs and operators, not for callers. */
  get failure(): Error | undefined {
    return this.failed;
  }

  /**
   * Resolves when following has begun; not when the tables have caught up. Where projections or migrations have changed since the rows were
   * made, the tables are rebuilt first, which takes as long as the log is long.
   */
  async start(): Promise<void> {
    if (this.abort !== undefined) return;
    this.abort = new AbortController();
    this.waiters.advance(await this.adoptDefinition());
    if (!this.set.isEmpty) this.loop = this.run(this.abort.signal);
  }

  /** Waits for the batch in hand. */
  async stop(): Promise<void> {
    this.abort?.abort();
    await this.loop;
    this.abort = undefined;
    this.loop = undefined;
  }

  /** Without projections there is nothing to wait for. */
  async waitFor(position: bigint, timeoutMs: number = WAIT_TIMEOUT_MS): Promise<void> {
    if (this.set.isEmpty) return;
    await this.waiters.waitFor(position, timeoutMs);
  }

  /**
   * Replays the log into fresh tables and compares them with the live ones at the same position. With `swap` the fresh tables replace
   * the live ones in one transaction. A difference is a defect, unless one was
   * expected. Throws DomainError REBUILD_RUNNING while another rebuild of this service runs.
   */
  async rebuild({ swap = false, expectChange = false }: { readonly swap?: boolean; readonly expectChange?: boolean } = {}): Promise<RebuildReport> {
    const { store, dataSource, schema, logger } = this.options;
    const report = await rebuild({ store, dataSource, schema, projections: this.set, swap });
    if (!report.identical && !expectChange) logger.error({ report }, 'the live tables differ from what the log says: a defect');
    return report;
  }

  /**
   * Replays the log up to and with `to` into tables beside the live ones, which stay as they are; compares where the live ones show the same moment.
   * Throws DomainError POSITION_NOT_WRITTEN, and REBUILD_RUNNING while another rebuild or replay of this service runs.
   */
  async replay({ to }: { readonly to?: bigint | undefined } = {}): Promise<ReplayReport> {
    const { store, dataSource, schema, logger } = this.options;
    const whenLiveShows = (position: bigint): Promise<void> => this.waitFor(position).catch(() => undefined);
    const report = await replay({ store, dataSource, schema, projections: this.set, to, whenLiveShows });
    if (report.identical === false) {
      const tables = report.tables.map(({ table, live }) => ({ table, differing: live?.differing }));
      logger.error({ tables }, 'the live tables differ from what the log says');
    }
    return report;
  }

  /** Digests of the live tables, all of one moment. */
  digest(): Promise<LiveDigests> {
    return digestLive(this.options.dataSource, this.options.schema, this.set, this.waiters.next);
  }

  /** Tells whenever events of these types, which projections have to want, have been applied; before anybody who waits for them goes on. */
  onApplied(types: readonly string[], listener: () => void): void {
    const strange = types.find((type) => !this.set.types.includes(type));
    if (strange !== undefined) throw new TypeError(`No projection of ${this.options.schema} wants ${strange}.`);
    this.listeners.push({ types: new Set(types), listener });
  }

  private async run(signal: AbortSignal): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!signal.aborted) {
      const connection = this.options.dataSource.createQueryRunner();
      try {
        const pages = this.options.store.follow(this.waiters.next, { filter: { types: this.set.types }, limit: BATCH, signal });
        for await (const page of pages) {
          await this.apply(connection, page);
          this.failed = undefined;
          backoffMs = FIRST_BACKOFF_MS;
        }
      } catch (error) {
        if (signal.aborted) return;
        // Taken from the pool anew for the next try: this one may be what is broken.
        await connection.release();
        this.failed = error instanceof Error ? error : new Error(String(error));
        this.options.logger.error({ err: error, position: String(this.waiters.next), retryInMs: backoffMs }, 'projections are halted');
        await pause(backoffMs, signal);
        backoffMs = Math.min(backoffMs * 2, LAST_BACKOFF_MS);
      } finally {
        await connection.release();
      }
    }
  }

  /**
   * A page without events of ours moves the position in memory alone: after a restart those events are looked at again and left out again, which
   * costs less than a commit for every foreign event.
   */
  private async apply(connection: QueryRunner, page: LogPage): Promise<void> {
    if (page.events.length > 0) await this.set.apply(connection, page.events, page.next);
    for (const { types, listener } of this.listeners) if (page.events.some(({ type }) => types.has(type))) listener();
    this.waiters.advance(page.next);
  }

  /** Answers the stored checkpoint. */
  private async adoptDefinition(): Promise<bigint> {
    const { dataSource, schema, logger } = this.options;
    const runner = dataSource.createQueryRunner();
    try {
      const client: ClientBase = await runner.connect();
      await adoptDefinition(client, schema, definitionOf(this.set, dataSource), async () => {
        logger.info('projections or tables have changed: making the rows again from the log');
        await this.rebuild({ swap: true, expectChange: true });
      });
      return await readCheckpoint(client);
    } finally {
      await runner.release();
    }
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, delayMs);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
