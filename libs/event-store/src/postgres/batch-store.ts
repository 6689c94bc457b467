import type { Clock } from '@cairn/kernel';
import { conflictOf, placesOf, type AppendDraft } from '../append-draft.js';
import type { EventStoreError } from '../errors.js';
import type { AppendResult } from '../event-store.js';
import type { PendingAppend } from './append-queue.js';
import { insertEvents } from './append-statement.js';
import { planBatch, type BatchPlan } from './batch-plan.js';
import type { Connection } from './connection.js';
import { idsOf, loadHeads, loadPlaces, streamsOf, type StreamHeads } from './stream-heads.js';

/** The two ways to store a batch. Both settle the appends they are sure of and leave the others open for another round. */
export class BatchStore {
  constructor(
    private readonly heads: StreamHeads,
    private readonly clock: Clock,
    private readonly onAppended: (size: bigint) => void,
  ) {}

  /**
   * The usual way, one statement: revisions are checked in memory, and the database's unique keys catch what another process did meanwhile
   * (then it throws a unique violation and nothing is stored).
   */
  async storePlanned(connection: Connection, batch: readonly PendingAppend[]): Promise<void> {
    const unknown = this.unknownStreams(batch);
    if (unknown.length > 0) this.learn(await loadHeads(connection, unknown));
    const plan = planBatch(batch, (stream) => this.heads.get(stream), this.clock);
    if (plan.events.length > 0) this.settleStored(plan, await insertEvents(connection, plan.events, plan.maxBytes));
    const doubtful = [...plan.unmet, ...plan.twins];
    if (doubtful.length > 0) await this.settleDoubtful(connection, doubtful);
  }

  /**
   * The sure way: whoever holds the head row is the only one who appends, so the ids and heads that it reads are the truth until it commits. A statement
   * that a lost connection left behind has either ended by then, or comes later and fails on the ids and revisions that are taken.
   */
  async storeLocked(connection: Connection, batch: readonly PendingAppend[]): Promise<void> {
    const outcome = await connection.transaction(async () => {
      await connection.rows({ text: 'SELECT size FROM event_store.log_head FOR UPDATE' });
      const { stored, missing } = await this.lookUp(connection, batch);
      const heads = await loadHeads(connection, streamsOf(drafts(missing)));
      const plan = planBatch(missing, (stream) => heads.get(stream), this.clock);
      const base = plan.events.length > 0 ? await insertEvents(connection, plan.events, plan.maxBytes) : 0n;
      return { stored, heads, plan, base };
    });
    this.learn(outcome.heads);
    for (const { pending, answer } of outcome.stored) pending.settle(answer);
    this.settleStored(outcome.plan, outcome.base);
    for (const pending of outcome.plan.unmet) pending.settle(conflictOf(pending.draft));
  }

  /** Not as expected: it may have been stored before, our memory may be behind, or it is a conflict. */
  private async settleDoubtful(connection: Connection, doubtful: readonly PendingAppend[]): Promise<void> {
    const { stored, missing } = await this.lookUp(connection, doubtful);
    for (const { pending, answer } of stored) pending.settle(answer);
    const heads = await loadHeads(connection, streamsOf(drafts(missing)));
    this.learn(heads);
    for (const pending of missing) {
      const { unmet } = planBatch([pending], (stream) => heads.get(stream), this.clock);
      if (unmet.length > 0) pending.settle(conflictOf(pending.draft));
    }
  }

  private async lookUp(connection: Connection, batch: readonly PendingAppend[]) {
    const places = await loadPlaces(connection, idsOf(drafts(batch)));
    const stored: { pending: PendingAppend; answer: readonly AppendResult[] | EventStoreError }[] = [];
    const missing: PendingAppend[] = [];
    for (const pending of batch) {
      const answer = placesOf(pending.draft, (id) => places.get(id));
      if (answer === undefined) missing.push(pending);
      else stored.push({ pending, answer });
    }
    return { stored, missing };
  }

  private settleStored(plan: BatchPlan<PendingAppend>, base: bigint): void {
    for (const { item, firstRevisions, firstIndex } of plan.planned) {
      let position = base + BigInt(firstIndex) - 1n;
      const results = item.draft.streams.map(({ stream, events }, index): AppendResult => {
        const count = BigInt(events.length);
        const revision = (firstRevisions[index] ?? 0n) + count - 1n;
        this.heads.atLeast(stream, revision);
        return { stream, revision, position: (position += count) };
      });
      item.settle(results);
    }
    if (plan.events.length > 0) this.onAppended(base + BigInt(plan.events.length));
  }

  /** Streams whose head has to be known to plan. One that is expected not to exist needs no look: if it does, the unique key says so. */
  private unknownStreams(batch: readonly PendingAppend[]): string[] {
    const unknown = new Set<string>();
    for (const { draft } of batch) {
      for (const { stream, expected } of draft.streams) {
        if (expected !== 'none' && this.heads.get(stream) === undefined) unknown.add(stream);
      }
    }
    return [...unknown];
  }

  private learn(heads: ReadonlyMap<string, bigint>): void {
    for (const [stream, revision] of heads) this.heads.correct(stream, revision);
  }
}

function drafts(batch: readonly PendingAppend[]): AppendDraft[] {
  return batch.map(({ draft }) => draft);
}
