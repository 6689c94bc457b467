import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreError } from './errors.js';
import type { LogPage } from './event-store.js';
import type { LogWatch } from './log-watch.js';

/** What a read brought, not yet made into events: that can wait until the next read is under way. */
export interface UnparsedPage<Item> {
  readonly count: number;
  readonly next: bigint;
  parse(): Promise<readonly Item[]>;
}

export interface FollowOptions<Item> {
  readonly read: (from: bigint) => Promise<UnparsedPage<Item>>;
  /** Most events that `read` answers with. */
  readonly limit: number;
  readonly watch: LogWatch;
  readonly signal: AbortSignal;
  /** How long a reader sleeps at most before it looks for itself: the net under lost notifications. */
  readonly pollMs: number;
}

export async function parsePage<Item>(page: UnparsedPage<Item>): Promise<LogPage<Item>> {
  return { events: await page.parse(), next: page.next };
}

/** The page with its items changed on the way out. */
export function changed<Item, Other>(page: UnparsedPage<Item>, change: (items: readonly Item[]) => readonly Other[] | Promise<readonly Other[]>): UnparsedPage<Other> {
  return { count: page.count, next: page.next, parse: async () => change(await page.parse()) };
}

/**
 * Reads on for ever. While a full page is being parsed and handled the next one is already being read. A store that can't be reached is asked again
 * every `pollMs`; any other error ends the iteration.
 */
export async function* followLog<Item>(from: bigint, options: FollowOptions<Item>): AsyncGenerator<LogPage<Item>, void, void> {
  const { read, limit, watch, signal, pollMs } = options;
  let next = from;
  let ahead: Promise<Attempt<Item>> | undefined;
  let foundNothing = false;
  while (!signal.aborted) {
    const { page, error } = await (ahead ?? attempt(read, next));
    ahead = undefined;
    if (signal.aborted) return;
    if (error !== undefined && !(error instanceof EventStoreError && error.code === 'UNAVAILABLE')) throw error;
    if (page !== undefined && page.next > next) {
      next = page.next;
      foundNothing = false;
      if (page.count >= limit) ahead = attempt(read, next);
      yield await parsePage(page);
    } else if (page === undefined || (foundNothing && watch.isBeyond(next))) {
      // Unreachable, or told of events that are not there: asking again at once would only spin.
      await pause(pollMs, undefined, { signal }).catch(() => undefined);
    } else {
      foundNothing = true;
      await watch.beyond(next, pollMs, signal);
    }
  }
}

interface Attempt<Item> {
  readonly page?: UnparsedPage<Item>;
  readonly error?: unknown;
}

async function attempt<Item>(read: (from: bigint) => Promise<UnparsedPage<Item>>, from: bigint): Promise<Attempt<Item>> {
  try {
    return { page: await read(from) };
  } catch (error) {
    return { error };
  }
}
