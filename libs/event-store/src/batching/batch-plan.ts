import type { Clock } from '@cairn/kernel';
import { NO_STREAM, planRevisions, type AppendDraft } from '../append-draft.js';
import { writeEvent, type WrittenEvent } from '../record.js';

export interface PlannedAppend<Item> {
  readonly item: Item;
  /** For each stream of the append. */
  readonly firstRevisions: readonly bigint[];
  /** Of its first event among the events of the batch. */
  readonly firstIndex: number;
}

/** What one statement will store, and what it can't. */
export interface BatchPlan<Item> {
  readonly events: readonly WrittenEvent[];
  readonly maxBytes: number;
  readonly planned: readonly PlannedAppend<Item>[];
  /** Not as expected, as far as `heads` knows. */
  readonly unmet: readonly Item[];
  /** Have an id that an earlier append of this batch has too: a command sent twice at once. */
  readonly twins: readonly Item[];
}

/** Gives every append of the batch its revisions, in order; appends to one stream chain. */
export function planBatch<Item extends { readonly draft: AppendDraft }>(batch: readonly Item[], headOf: (stream: string) => bigint | undefined, clock: Clock): BatchPlan<Item> {
  const moved = new Map<string, bigint>();
  const heads = {
    get: (stream: string) => moved.get(stream) ?? headOf(stream) ?? NO_STREAM,
    set: (stream: string, revision: bigint) => void moved.set(stream, revision),
  };
  const ids = new Set<string>();
  const events: WrittenEvent[] = [];
  const planned: PlannedAppend<Item>[] = [];
  const unmet: Item[] = [];
  const twins: Item[] = [];
  let maxBytes = 0;
  for (const item of batch) {
    if (item.draft.ids.some((id) => ids.has(id))) {
      twins.push(item);
      continue;
    }
    const firstRevisions = planRevisions(item.draft, heads);
    if (firstRevisions === undefined) {
      unmet.push(item);
      continue;
    }
    planned.push({ item, firstRevisions, firstIndex: events.length });
    item.draft.streams.forEach(({ events: drafts }, index) => {
      let revision = firstRevisions[index] ?? 0n;
      for (const draft of drafts) {
        events.push(writeEvent(draft, revision, clock.now()));
        revision += 1n;
      }
    });
    for (const id of item.draft.ids) ids.add(id);
    maxBytes += item.draft.maxBytes;
  }
  return { events, maxBytes, planned, unmet, twins };
}
