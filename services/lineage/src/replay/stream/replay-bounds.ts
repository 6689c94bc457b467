import type { EventStore } from '@cairn/event-store';
import { positionAt, positionFrom } from '@cairn/read-model';
import { eventTime } from '@cairn/service';

/** A number of at most 18 digits is a position, anything else a time. */
export const POSITION = /^\d{1,18}$/;

/** Where a replay begins or ends, as its caller named it. */
export interface Bound {
  readonly asked: string;
  readonly position: bigint;
  /** In the form of events, when a time was named. */
  readonly time?: string;
}

/** The first event that is not earlier, or the place after the last one; undefined when nothing was asked for. Throws INVALID_TIME. */
export async function firstBound(store: EventStore, asked: string | undefined): Promise<Bound | undefined> {
  return boundOf(asked, async (time) => (await positionFrom(store, time)) ?? (await store.size()));
}

/** The last event that is not later, or -1n; undefined when nothing was asked for. Throws INVALID_TIME. */
export async function lastBound(store: EventStore, asked: string | undefined): Promise<Bound | undefined> {
  return boundOf(asked, async (time) => (await positionAt(store, time)) ?? -1n);
}

async function boundOf(asked: string | undefined, positionOf: (time: string) => Promise<bigint>): Promise<Bound | undefined> {
  if (asked === undefined) return undefined;
  if (POSITION.test(asked)) return { asked, position: BigInt(asked) };
  const time = eventTime(asked);
  return { asked, position: await positionOf(time), time };
}
