import type { Clock } from '@cairn/kernel';
import { conflictOf } from '../append-draft.js';
import type { PendingAppend, QueueLimits } from '../batching/append-queue.js';
import type { BatchTarget } from '../batching/append-writer.js';
import { planBatch, type BatchPlan } from '../batching/batch-plan.js';
import { divide, idsOf, settleStored, streamsOf, unknownStreams } from '../batching/settlement.js';
import type { StreamHeads } from '../batching/stream-heads.js';
import { insertEvents } from './append-statement.js';
import { Connection, isLoss, isPassing, sqlState } from './connection.js';
import { loadHeads, loadPlaces } from './look-up.js';

const UNIQUE_VIOLATION = '23505';

export interface BatchStoreOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly heads: StreamHeads;
  readonly limits: Pick<QueueLimits, 'answerTimeoutMs' | 'lockTimeoutMs'>;
  /** Told of the log's size after every append. */
  readonly onAppended: (size: bigint) => void;
}

/** The two ways to store a batch in PostgreSQL, over the one connection that appends. */
export class BatchStore implements BatchTarget {
  private connection: Connection | undefined;

  constructor(private readonly options: BatchStoreOptions) {}

  async store(batch: readonly PendingAppend[], sure: boolean): Promise<void> {
    if (this.connection?.lost === true) this.connection = undefined;
    const connection = (this.connection ??= await Connection.open(this.options.url, 'appends', this.options.limits));
    await (sure ? this.storeLocked(connection, batch) : this.storePlanned(connection, batch));
  }

  judge(error: unknown): 'again' | 'later' | 'never' {
    if (sqlState(error) === UNIQUE_VIOLATION) return 'again';
    return isLoss(error) || isPassing(error) ? 'later' : 'never';
  }

  close(): void {
    this.connection?.close();
  }

  /**
   * The usual way, one statement: revisions are checked in memory, and the database's unique keys catch what another process did meanwhile
   * (then it throws a unique violation and nothing is stored).
   */
  private async storePlanned(connection: Connection, batch: readonly PendingAppend[]): Promise<void> {
    const { heads, clock } = this.options;
    const unknown = unknownStreams(batch, heads);
    if (unknown.length > 0) heads.learn(await loadHeads(connection, unknown));
    const plan = planBatch(batch, (stream) => heads.get(stream), clock);
    if (plan.events.length > 0) this.settle(plan, await insertEvents(connection, plan.events, plan.maxBytes));
    const doubtful = [...plan.unmet, ...plan.twins];
    if (doubtful.length > 0) await this.settleDoubtful(connection, doubtful);
  }

  /**
   * The sure way: whoever holds the head row is the only one who appends, so the ids and heads that it reads are the truth until it commits. A statement
   * that a lost connection left behind has either ended by then, or comes later and fails on the ids and revisions that are taken.
   */
  private async storeLocked(connection: Connection, batch: readonly PendingAppend[]): Promise<void> {
    const outcome = await connection.transaction(async () => {
      await connection.rows({ text: 'SELECT size FROM event_store.log_head FOR UPDATE' });
      const { stored, missing } = divide(batch, await loadPlaces(connection, idsOf(batch)));
      const heads = await loadHeads(connection, streamsOf(missing));
      const plan = planBatch(missing, (stream) => heads.get(stream), this.options.clock);
      const base = plan.events.length > 0 ? await insertEvents(connection, plan.events, plan.maxBytes) : 0n;
      return { stored, heads, plan, base };
    });
    this.options.heads.learn(outcome.heads);
    for (const { pending, answer } of outcome.stored) pending.settle(answer);
    this.settle(outcome.plan, outcome.base);
    for (const pending of outcome.plan.unmet) pending.settle(conflictOf(pending.draft));
  }

  /** Not as expected: it may have been stored before, our memory may be behind, or it is a conflict. */
  private async settleDoubtful(connection: Connection, doubtful: readonly PendingAppend[]): Promise<void> {
    const { stored, missing } = divide(doubtful, await loadPlaces(connection, idsOf(doubtful)));
    for (const { pending, answer } of stored) pending.settle(answer);
    const heads = await loadHeads(connection, streamsOf(missing));
    this.options.heads.learn(heads);
    for (const pending of missing) {
      const { unmet } = planBatch([pending], (stream) => heads.get(stream), this.options.clock);
      if (unmet.length > 0) pending.settle(conflictOf(pending.draft));
    }
  }

  private settle(plan: BatchPlan<PendingAppend>, base: bigint): void {
    settleStored(plan, base, this.options.heads);
    if (plan.events.length > 0) this.options.onAppended(base + BigInt(plan.events.length));
  }
}
