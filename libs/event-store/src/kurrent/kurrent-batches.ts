import type { AppendRecordInput, ConsistencyCheck } from '@kurrent/kurrentdb-client';
import type { Clock } from '@cairn/kernel';
import { conflictOf, NO_STREAM } from '../append-draft.js';
import type { PendingAppend } from '../batching/append-queue.js';
import type { BatchTarget } from '../batching/append-writer.js';
import { planBatch, type BatchPlan } from '../batching/batch-plan.js';
import { divide, idsOf, settleStored, streamsOf, unknownStreams } from '../batching/settlement.js';
import type { StreamHeads } from '../batching/stream-heads.js';
import { EventStoreError } from '../errors.js';
import { claimOf, growthOf, recordedEventOf, stateAt, type LogHead } from './convert.js';
import type { KurrentClient } from './kurrent-client.js';
import { outcomeOf } from './kurrent-errors.js';
import type { KurrentReader } from './kurrent-reader.js';
import type { StreamNames } from './stream-names.js';

/** Attempts in a row against other processes that append; each one that we lose another one has won. */
const ATTEMPTS = 32;

export interface KurrentBatchesOptions {
  readonly client: KurrentClient;
  readonly reader: KurrentReader;
  readonly names: StreamNames;
  readonly clock: Clock;
  readonly heads: StreamHeads;
  readonly onAppended: (size: bigint) => void;
}

/**
 * Stores a batch as one transaction of KurrentDB: the events, a claim for each of their ids, and the log's new size. The check of that size's revision makes
 * appends follow one another, so that positions are dense and in the order of `$all`; the checks of the claims make an id unique.
 */
export class KurrentBatches implements BatchTarget {
  private logHead: LogHead | undefined;

  constructor(private readonly options: KurrentBatchesOptions) {}

  async store(batch: readonly PendingAppend[], sure: boolean): Promise<void> {
    let mustLook = sure;
    for (let attempt = 1; ; attempt += 1) {
      const open = batch.filter(({ settled }) => !settled);
      try {
        return await (mustLook ? this.storeLookedUp(open) : this.storePlanned(open));
      } catch (error) {
        const outcome = outcomeOf(error);
        if (outcome === 'too-large') return this.storeAlone(open, error);
        if (outcome !== 'conflict' || attempt === ATTEMPTS) throw error;
        mustLook = true;
      }
    }
  }

  judge(error: unknown): 'again' | 'later' | 'never' {
    const unreachable = error instanceof EventStoreError && error.code === 'UNAVAILABLE';
    return unreachable || ['passing', 'conflict'].includes(outcomeOf(error)) ? 'later' : 'never';
  }

  close(): void {
    this.logHead = undefined;
  }

  /** With what is remembered: when any of it is out of date the transaction is refused. */
  private async storePlanned(batch: readonly PendingAppend[]): Promise<void> {
    const { heads, reader, clock } = this.options;
    const unknown = unknownStreams(batch, heads);
    if (unknown.length > 0) heads.learn(await reader.heads(unknown));
    const plan = planBatch(batch, (stream) => heads.get(stream), clock);
    await this.write(plan, this.logHead ?? (await reader.head()));
    if (plan.unmet.length > 0) await this.storeLookedUp(plan.unmet);
  }

  /** With what is read now, the log's head first: when nobody has appended since, all of it is still true at the moment of the append. */
  private async storeLookedUp(batch: readonly PendingAppend[]): Promise<void> {
    const { reader, clock } = this.options;
    const logHead = await reader.head();
    const { stored, missing } = divide(batch, await reader.places(idsOf(batch)));
    const heads = await reader.heads(streamsOf(missing));
    this.options.heads.learn(heads);
    const plan = planBatch(missing, (stream) => heads.get(stream), clock);
    await this.write(plan, logHead);
    for (const { pending, answer } of stored) pending.settle(answer);
    for (const pending of plan.unmet) pending.settle(conflictOf(pending.draft));
  }

  /** A transaction may be too large because many appends share it. */
  private async storeAlone(batch: readonly PendingAppend[], cause: unknown): Promise<void> {
    if (batch.length > 1) {
      for (const pending of batch) await this.store([pending], true);
      return;
    }
    const cure = 'Send fewer events at once';
    for (const pending of batch) pending.settle(new EventStoreError('INVALID_EVENT', `The append is larger than KurrentDB takes in one transaction. ${cure}.`, { cause }));
  }

  private async write(plan: BatchPlan<PendingAppend>, logHead: LogHead): Promise<void> {
    if (plan.events.length === 0) return;
    const { client, names } = this.options;
    const size = logHead.size + BigInt(plan.events.length);
    try {
      await client.appendRecords([...recordsOf(plan, logHead.size, names), growthOf(size, names)], checksOf(plan, logHead, names));
    } catch (error) {
      this.logHead = undefined;
      throw error;
    }
    this.logHead = { revision: logHead.revision + 1n, size };
    settleStored(plan, logHead.size, this.options.heads);
    this.options.onAppended(size);
  }
}

function recordsOf({ events }: BatchPlan<PendingAppend>, base: bigint, names: StreamNames): AppendRecordInput[] {
  const placed = events.map((event, index) => ({ event, position: base + BigInt(index) }));
  return [
    ...placed.map(({ event, position }) => recordedEventOf(event, position, names)),
    ...placed.map(({ event: { id, stream, revision }, position }) => claimOf(id, { stream, revision, position }, names)),
  ];
}

function checksOf({ events }: BatchPlan<PendingAppend>, { revision }: LogHead, names: StreamNames): ConsistencyCheck[] {
  const firsts = new Map<string, bigint>([[names.log, revision + 1n]]);
  for (const event of events) {
    const stream = names.outer(event.stream);
    if (!firsts.has(stream)) firsts.set(stream, event.revision);
    firsts.set(names.claimOf(event.id), NO_STREAM + 1n);
  }
  return [...firsts].map(([streamName, first]) => ({ type: 'stream_state', streamName, expectedState: stateAt(first - 1n) }));
}
