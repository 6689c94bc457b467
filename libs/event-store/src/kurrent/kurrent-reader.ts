import type { Position, ReadPosition, RecordedEvent } from '@kurrent/kurrentdb-client';
import { LRUCache } from 'lru-cache';
import { NO_STREAM, type Place } from '../append-draft.js';
import { EventStoreError } from '../errors.js';
import type { EventFilter, ReadStreamOptions, StoredRecord } from '../event-store.js';
import { passes } from '../filter.js';
import type { UnparsedPage } from '../follow.js';
import { damaged, headOf, placeOf, recordOf, type LogHead } from './convert.js';
import type { KurrentClient } from './kurrent-client.js';
import { isNoStream } from './kurrent-errors.js';
import type { StreamNames } from './stream-names.js';

/** A filtered read looks at so many events at most. */
const FILTER_WINDOW = 2_000;
const REMEMBERED_PLACES = 1_000;
const LOOK_UPS_AT_ONCE = 32;
const EMPTY_LOG: LogHead = { revision: NO_STREAM, size: 0n };

/** Reads of a log in KurrentDB, by the dense positions that its events carry. */
export class KurrentReader {
  /** Position in `$all` of the event before each of these dense positions: who reads on never has to search. */
  private readonly bookmarks = new LRUCache<bigint, Position>({ max: REMEMBERED_PLACES });

  constructor(
    private readonly client: KurrentClient,
    private readonly names: StreamNames,
  ) {}

  /** Throws UNAVAILABLE, as all reads do. */
  async head(): Promise<LogHead> {
    const [last] = await this.events(this.names.log, { fromRevision: 'end', direction: 'backwards', maxCount: 1, requiresLeader: true });
    return last === undefined ? EMPTY_LOG : headOf(last);
  }

  async readStream(stream: string, options: ReadStreamOptions, limit: number): Promise<readonly StoredRecord[]> {
    const direction = options.direction ?? 'forwards';
    if (options.from !== undefined && options.from < 0n && direction === 'backwards') return [];
    const first = options.from ?? (direction === 'forwards' ? ('start' as const) : ('end' as const));
    const fromRevision = typeof first === 'bigint' && first < 0n ? 0n : first;
    return (await this.events(this.names.outer(stream), { fromRevision, direction, maxCount: limit })).flatMap((event) => recordOf(event, this.names) ?? []);
  }

  /** A stream that isn't there has NO_STREAM. */
  async heads(streams: readonly string[]): Promise<Map<string, bigint>> {
    const lasts = await inTurns(streams, (stream) => this.events(this.names.outer(stream), { fromRevision: 'end', direction: 'backwards', maxCount: 1, requiresLeader: true }));
    return new Map(streams.map((stream, index) => [stream, lasts[index]?.[0]?.revision ?? NO_STREAM]));
  }

  async places(ids: readonly string[]): Promise<Map<string, Place>> {
    const claims = await inTurns(ids, (id) => this.events(this.names.claimOf(id), { fromRevision: 'start', direction: 'forwards', maxCount: 1, requiresLeader: true }));
    return new Map(ids.flatMap((id, index) => (claims[index]?.[0] === undefined ? [] : [[id, placeOf(claims[index][0])] as const])));
  }

  /** Throws INVALID_EVENT when a position is missing: something has been removed from the log. */
  async readAll(from: bigint, limit: number, filter?: EventFilter): Promise<UnparsedPage<StoredRecord>> {
    const filtered = filter?.types !== undefined || filter?.streamPrefixes !== undefined;
    const window = filtered ? Math.max(limit, FILTER_WINDOW) : limit;
    const found: StoredRecord[] = [];
    let next = from;
    let examined = 0;
    // The event before the first is read again, where reading goes on behind it.
    const events = this.client.readAll({ fromPosition: await this.startOf(from), filter: this.names.filter, maxCount: Number.MAX_SAFE_INTEGER });
    await unavailable(async () => {
      for await (const { event } of events) {
        const record = event === undefined ? undefined : recordOf(event, this.names);
        if (event === undefined || record === undefined || record.position < from) continue;
        if (record.position !== next) throw damaged(`The log has no event at position ${next}: the next one is at ${record.position}.`);
        next += 1n;
        examined += 1;
        this.bookmarks.set(next, event.position);
        if (passes(filter, record)) found.push(record);
        if (found.length === limit || examined === window) break;
      }
    });
    return { count: found.length, next, parse: async () => found };
  }

  /** Where in `$all` to begin to read for this dense position: what was read last, or else a search through the sizes of the log. */
  private async startOf(from: bigint): Promise<ReadPosition> {
    const known = this.bookmarks.get(from);
    if (from <= 0n) return 'start';
    if (known !== undefined) return known;
    // The last append that ended at or below `from`: everything from there on is behind its record.
    let [below, above] = [NO_STREAM, (await this.head()).revision + 1n];
    let start: ReadPosition = 'start';
    while (above - below > 1n) {
      const middle = (below + above) / 2n;
      const [event] = await this.events(this.names.log, { fromRevision: middle, direction: 'forwards', maxCount: 1 });
      if (event === undefined) throw damaged(`The log has no record of its append ${middle}.`);
      if (headOf(event).size > from) {
        above = middle;
      } else {
        below = middle;
        start = event.position ?? start;
      }
    }
    return start;
  }

  private events(stream: string, options: Parameters<KurrentClient['readStream']>[1]): Promise<RecordedEvent[]> {
    return unavailable(async () => {
      const events: RecordedEvent[] = [];
      try {
        for await (const { event } of this.client.readStream(stream, options)) if (event !== undefined) events.push(event);
      } catch (error) {
        if (!isNoStream(error)) throw error;
      }
      return events;
    });
  }
}

async function unavailable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof EventStoreError) throw cause;
    throw new EventStoreError('UNAVAILABLE', 'The event store cannot be read.', { cause });
  }
}

async function inTurns<Key, T>(keys: readonly Key[], read: (key: Key) => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (let at = 0; at < keys.length; at += LOOK_UPS_AT_ONCE) found.push(...(await Promise.all(keys.slice(at, at + LOOK_UPS_AT_ONCE).map(read))));
  return found;
}
