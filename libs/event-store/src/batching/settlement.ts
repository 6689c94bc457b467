import { placesOf, type Place } from '../append-draft.js';
import type { EventStoreError } from '../errors.js';
import type { AppendResult } from '../event-store.js';
import type { PendingAppend } from './append-queue.js';
import type { BatchPlan } from './batch-plan.js';
import type { StreamHeads } from './stream-heads.js';

/** A batch, divided by whether its ids are stored. */
export interface LookedUp {
  readonly stored: readonly { readonly pending: PendingAppend; readonly answer: readonly AppendResult[] | EventStoreError }[];
  readonly missing: readonly PendingAppend[];
}

export function divide(batch: readonly PendingAppend[], places: ReadonlyMap<string, Place>): LookedUp {
  const stored: { pending: PendingAppend; answer: readonly AppendResult[] | EventStoreError }[] = [];
  const missing: PendingAppend[] = [];
  for (const pending of batch) {
    const answer = placesOf(pending.draft, (id) => places.get(id));
    if (answer === undefined) missing.push(pending);
    else stored.push({ pending, answer });
  }
  return { stored, missing };
}

/** The plan's events lie at `base` and above: tells every append its places, and remembers the streams' new heads. */
export function settleStored(plan: BatchPlan<PendingAppend>, base: bigint, heads: StreamHeads): void {
  for (const { item, firstRevisions, firstIndex } of plan.planned) {
    let position = base + BigInt(firstIndex) - 1n;
    const results = item.draft.streams.map(({ stream, events }, index): AppendResult => {
      const count = BigInt(events.length);
      const revision = (firstRevisions[index] ?? 0n) + count - 1n;
      heads.atLeast(stream, revision);
      return { stream, revision, position: (position += count) };
    });
    item.settle(results);
  }
}

/** Streams whose head has to be known to plan. One that is expected not to exist needs no look: if it does, the store's own check says so. */
export function unknownStreams(batch: readonly PendingAppend[], heads: StreamHeads): string[] {
  const unknown = new Set<string>();
  for (const { draft } of batch) {
    for (const { stream, expected } of draft.streams) {
      if (expected !== 'none' && heads.get(stream) === undefined) unknown.add(stream);
    }
  }
  return [...unknown];
}

export function idsOf(batch: readonly PendingAppend[]): string[] {
  return batch.flatMap(({ draft }) => draft.ids);
}

export function streamsOf(batch: readonly PendingAppend[]): string[] {
  return [...new Set(batch.flatMap(({ draft }) => draft.streams.map(({ stream }) => stream)))];
}
