import type { EventStore } from '@cairn/event-store';

/** Processes that append have clocks of their own: so many events may stand in another order than their times. */
const DISORDER = 1_000;

/**
 * Position of the last event that is not later than `time`, an RFC 3339 time in the form of events (UTC, six digits); undefined when all are later. Times of
 * events follow positions but for the clocks of several processes: what these put into another order within 1,000 events is looked at, more is not.
 */
export async function positionAt(store: EventStore, time: string): Promise<bigint | undefined> {
  let from = 0n;
  let to = await store.size();
  // Everything below `from` is taken to be no later, everything from `to` on to be later.
  while (from < to) {
    const middle = (from + to) / 2n;
    const { events } = await store.readAll(middle, { limit: 1 });
    if ((events[0]?.time ?? time) <= time) from = middle + 1n;
    else to = middle;
  }
  const start = from > BigInt(DISORDER) ? from - BigInt(DISORDER) : 0n;
  const { events } = await store.readAll(start, { limit: 2 * DISORDER });
  return events.findLast((event) => event.time <= time)?.position;
}
