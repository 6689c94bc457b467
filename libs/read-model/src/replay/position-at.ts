import type { EventStore, StoredEvent } from '@cairn/event-store';

/** Processes that append have clocks of their own: so many events may stand in another order than their times. */
const DISORDER = 1_000;
/** Events may have 60 KB each, so those around a moment are looked at a few at a time. */
const LOOKED_AT_ONCE = 100;

/**
 * Position of the last event that is not later than `time`, an RFC 3339 time in the form of events (UTC, six digits); undefined when all are later. Times of
 * events follow positions but for the clocks of several processes: what these put into another order within 1,000 events is looked at, more is not.
 */
export async function positionAt(store: EventStore, time: string): Promise<bigint | undefined> {
  let last: bigint | undefined;
  for await (const event of around(store, (each) => each.time <= time)) if (event.time <= time) last = event.position;
  return last;
}

/** Position of the first event that is not earlier than `time`; undefined when all are earlier. Otherwise as `positionAt`. */
export async function positionFrom(store: EventStore, time: string): Promise<bigint | undefined> {
  for await (const event of around(store, (each) => each.time < time)) if (event.time >= time) return event.position;
  return undefined;
}

/** The events near the place where `isBefore` ceases to hold, in their order. */
async function* around(store: EventStore, isBefore: (event: StoredEvent) => boolean): AsyncIterable<StoredEvent> {
  let from = 0n;
  let to = await store.size();
  // Everything below `from` is taken to be before, everything from `to` on to be after.
  while (from < to) {
    const middle = (from + to) / 2n;
    const [event] = (await store.readAll(middle, { limit: 1 })).events;
    if (event === undefined || isBefore(event)) from = middle + 1n;
    else to = middle;
  }
  const end = from + BigInt(DISORDER);
  let next = from > BigInt(DISORDER) ? from - BigInt(DISORDER) : 0n;
  while (next < end) {
    const page = await store.readAll(next, { limit: LOOKED_AT_ONCE });
    yield* page.events;
    if (page.next === next) return;
    next = page.next;
  }
}
