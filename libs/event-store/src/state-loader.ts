import { decodeEvent } from '@cairn/contracts';
import { eventIdOf, type Command, type Decider, type DomainEvent } from '@cairn/kernel';
import { LRUCache } from 'lru-cache';
import { NO_STREAM } from './append-draft.js';
import type { EventStore } from './event-store.js';

const STREAM_PAGE = 1_000;
/** Folded states are remembered for streams of so many events in all, per decider. */
const REMEMBERED_EVENTS = 100_000;

export interface Folded<State> {
  readonly state: State;
  /** Of the last event that is folded in; -1n when there is none. */
  readonly revision: bigint;
  /** Of all events that are folded in. Shared and only ever added to. */
  readonly eventIds: ReadonlySet<string>;
}

/** What a command has recorded in a stream. */
export interface Recorded<Event extends DomainEvent> {
  readonly events: readonly Event[];
  readonly position: bigint;
}

type AnyDecider<State, Event extends DomainEvent> = Pick<Decider<State, Command, Event>, 'initialState' | 'evolve'>;

/**
 * Folds streams, and remembers how far it has: a long stream isn't read again for every command. What was appended since is always asked for, so the
 * state is as fresh as without the memory.
 */
export class StateLoader {
  private readonly remembered = new WeakMap<object, LRUCache<string, Folded<unknown> & { readonly eventIds: Set<string> }>>();

  constructor(private readonly store: EventStore) {}

  async load<State, Event extends DomainEvent>(decider: AnyDecider<State, Event>, stream: string): Promise<Folded<State>> {
    const cache = this.cacheOf(decider);
    const known = cache.get(stream);
    const eventIds = known?.eventIds ?? new Set<string>();
    let state = known === undefined ? decider.initialState() : (known.state as State);
    let revision = known?.revision ?? NO_STREAM;
    for (;;) {
      const page = await this.store.readStream(stream, { from: revision + 1n, limit: STREAM_PAGE });
      for (const stored of page) {
        state = decider.evolve(state, decodeEvent<Event>(stored.type, stored.data));
        revision = stored.revision;
        eventIds.add(stored.id);
      }
      if (page.length < STREAM_PAGE) break;
    }
    const folded = { state, revision, eventIds };
    // Of several that load at once the one who got furthest is remembered.
    if (revision > (cache.peek(stream)?.revision ?? NO_STREAM)) cache.set(stream, folded);
    return folded;
  }

  /** After a conflict: should the log have been restored to an earlier state, the memory would be ahead of it for ever. */
  forget(decider: object, stream: string): void {
    this.remembered.get(decider)?.delete(stream);
  }

  /** Finds what a command has recorded: the events of one append lie side by side, in the order of their ids. */
  async findRecorded<Event extends DomainEvent>(stream: string, commandId: string): Promise<Recorded<Event> | undefined> {
    const events: Event[] = [];
    let position: bigint | undefined;
    let ownId = eventIdOf(commandId, stream, 0);
    for (let from = 0n; ; from += BigInt(STREAM_PAGE)) {
      const page = await this.store.readStream(stream, { from, limit: STREAM_PAGE });
      for (const stored of page) {
        if (stored.id !== ownId) continue;
        events.push(decodeEvent<Event>(stored.type, stored.data));
        position = stored.position;
        ownId = eventIdOf(commandId, stream, events.length);
      }
      if (page.length < STREAM_PAGE) return position === undefined ? undefined : { events, position };
    }
  }

  private cacheOf(decider: object) {
    const known = this.remembered.get(decider);
    if (known !== undefined) return known;
    const cache = new LRUCache<string, Folded<unknown> & { readonly eventIds: Set<string> }>({
      maxSize: REMEMBERED_EVENTS,
      sizeCalculation: ({ eventIds }) => eventIds.size + 1,
    });
    this.remembered.set(decider, cache);
    return cache;
  }
}
