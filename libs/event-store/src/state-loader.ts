import { decodeEvent } from '@cairn/contracts';
import { eventIdOf, fold, type Command, type Decider, type DomainEvent } from '@cairn/kernel';
import { LRUCache } from 'lru-cache';
import { NO_STREAM } from './append-draft.js';
import type { EventStore, StoredEvent } from './event-store.js';
import { EventMarks } from './snapshots/event-marks.js';
import type { EventIdentity } from './snapshots/snapshot.js';
import type { SnapshotKeeper } from './snapshots/snapshot-keeper.js';

const STREAM_PAGE = 1_000;
/** So much of a stream is read before anybody asks for a snapshot: most streams end here. */
const FIRST_LOOK = 100;
/** So much room have the states that are remembered, per decider. However long a stream is, it counts for a quarter of it at most. */
const REMEMBERED_BYTES = 64 * 1024 * 1024;
/** An entry of a state with its key and what is around it, on average; a state that does not say how many it has is taken to have one for each event. */
const BYTES_PER_ENTRY = 512;

export interface Folded<State> {
  readonly state: State;
  /** Of the last event that is folded in; -1n when there is none. */
  readonly revision: bigint;
  /** Of all events that are folded in. Shared and only ever added to. */
  readonly marks: EventMarks;
}

/** A state that others may go on from. */
interface Remembered<State> extends Folded<State> {
  /** The event at `revision`; absent when there is none, or when we appended it, who do not know its time. */
  readonly last: EventIdentity | undefined;
  /** Up to where the newest snapshot goes, or was to go; -1n while there is none. */
  readonly keptRevision: bigint;
}

interface Progress<State> {
  readonly folded: Remembered<State>;
  /** Whether the stream's end was met. */
  readonly isWhole: boolean;
}

/** What a command has recorded in a stream. */
export interface Recorded<Event extends DomainEvent> {
  readonly events: readonly Event[];
  readonly position: bigint;
}

type AnyDecider<State, Event extends DomainEvent> = Pick<Decider<State, never, Event>, 'initialState' | 'evolve' | 'snapshot'>;

/**
 * Folds streams, and remembers how far it has: a long stream isn't read again for every command. Where the decider says how its state is kept, a process that has
 * never seen a long stream goes on from a snapshot. `load` always asks what was appended since, so its state is as fresh as without either; `recall` asks nothing.
 */
export class StateLoader {
  private readonly remembered = new WeakMap<object, LRUCache<string, Remembered<unknown>>>();

  constructor(
    private readonly store: EventStore,
    private readonly snapshots?: SnapshotKeeper,
  ) {}

  async load<State, Event extends DomainEvent>(decider: AnyDecider<State, Event>, stream: string): Promise<Folded<State>> {
    const cache = this.cacheOf(decider);
    const known = cache.get(stream) as Remembered<State> | undefined;
    const begun = known === undefined ? await this.begin(decider, stream) : { folded: known, isWhole: false };
    const folded = await this.kept(decider, stream, await this.finish(decider, stream, begun));
    // Of several that load at once the one who got furthest is remembered.
    if (folded.revision > NO_STREAM && folded.revision >= (cache.peek(stream)?.revision ?? NO_STREAM)) cache.set(stream, folded);
    return folded;
  }

  /**
   * The state as this process knows it, and nobody is asked: right for whoever appends at its revision, since the store refuses when others were faster. Undefined when
   * the stream is not remembered, or when a snapshot of it is due, which `load` sees to.
   */
  recall<State, Event extends DomainEvent>(decider: AnyDecider<State, Event>, stream: string): Folded<State> | undefined {
    const known = this.cacheOf(decider).get(stream) as Remembered<State> | undefined;
    if (known === undefined) return undefined;
    const { snapshot: rule } = decider;
    return rule !== undefined && this.snapshots?.isDue(rule, known.revision, known.keptRevision) === true ? undefined : known;
  }

  /** Of a stream that nobody can have appended to: its id was made for this command. */
  blank<State, Event extends DomainEvent>(decider: AnyDecider<State, Event>): Folded<State> {
    return nothingOf(decider);
  }

  /** The events were appended behind what `before` tells: they are remembered, so that the next command reads nothing. Answers the state after them. */
  appended<State, Event extends DomainEvent>(
    decider: AnyDecider<State, Event>,
    stream: string,
    before: Folded<State>,
    events: readonly Event[],
    ids: readonly string[],
  ): Folded<State> {
    const cache = this.cacheOf(decider);
    const known = cache.peek(stream) as Remembered<State> | undefined;
    const revision = before.revision + BigInt(events.length);
    ids.forEach((id, index) => before.marks.add(before.revision + BigInt(index + 1), id));
    const keptRevision = known?.keptRevision ?? NO_STREAM;
    const folded: Remembered<State> = { state: fold(decider.evolve, before.state, events), revision, marks: before.marks, last: undefined, keptRevision };
    // One that is not remembered is long and was put out, or its snapshots are not known: a load finds them.
    if ((known !== undefined || before.revision === NO_STREAM) && revision > (known?.revision ?? NO_STREAM)) cache.set(stream, folded);
    return folded;
  }

  /** After a conflict with nobody: the log was restored to an earlier state, and the memory would be ahead of it for ever. */
  forget(decider: object, stream: string): void {
    this.remembered.get(decider)?.delete(stream);
  }

  /** Without a read: false when a command has recorded nothing in the events behind the marks. */
  mayHaveRecorded(stream: string, commandId: string, marks: EventMarks): boolean {
    return marks.revisionsOf(eventIdOf(commandId, stream, 0))[Symbol.iterator]().next().done !== true;
  }

  /** Finds what a command has recorded in a stream that was loaded: the events of one append lie side by side, in the order of their ids. */
  async findRecorded<Event extends DomainEvent>(stream: string, commandId: string, marks: EventMarks): Promise<Recorded<Event> | undefined> {
    for (const revision of marks.revisionsOf(eventIdOf(commandId, stream, 0))) {
      const recorded = await this.recordedAt<Event>(stream, commandId, revision);
      if (recorded !== undefined) return recorded;
    }
    return undefined;
  }

  private async recordedAt<Event extends DomainEvent>(stream: string, commandId: string, revision: bigint): Promise<Recorded<Event> | undefined> {
    const events: Event[] = [];
    let position: bigint | undefined;
    for (;;) {
      const page = await this.store.readStream(stream, { from: revision + BigInt(events.length), limit: STREAM_PAGE });
      for (const stored of page) {
        if (stored.id !== eventIdOf(commandId, stream, events.length)) return position === undefined ? undefined : { events, position };
        events.push(decodeEvent<Event>(stored.type, stored.data));
        position = stored.position;
      }
      if (page.length < STREAM_PAGE) return position === undefined ? undefined : { events, position };
    }
  }

  /** Reads a stream that is not remembered: from its beginning or from a snapshot. */
  private async begin<State, Event extends DomainEvent>(decider: AnyDecider<State, Event>, stream: string): Promise<Progress<State>> {
    const nothing = nothingOf(decider);
    const { snapshot: rule } = decider;
    if (rule === undefined || this.snapshots === undefined) return { folded: nothing, isWhole: false };
    const limit = Math.min(FIRST_LOOK, rule.everyEvents);
    const first = await this.store.readStream(stream, { limit });
    const start = { folded: foldPage(decider, nothing, first), isWhole: first.length < limit };
    const kept = start.isWhole ? undefined : await this.snapshots.find(stream, rule);
    if (kept === undefined) return start;
    const [last, ...rest] = await this.store.readStream(stream, { from: kept.revision, limit: STREAM_PAGE });
    // Otherwise it tells of another log than this one: the log was restored to an earlier state, or is the copy of one that went another way.
    if (last?.id !== kept.last.id || last.time !== kept.last.time) return start;
    return { folded: foldPage(decider, { ...kept, keptRevision: kept.revision }, rest), isWhole: rest.length + 1 < STREAM_PAGE };
  }

  private async finish<State, Event extends DomainEvent>(decider: AnyDecider<State, Event>, stream: string, begun: Progress<State>): Promise<Remembered<State>> {
    let { folded, isWhole } = begun;
    while (!isWhole) {
      const page = await this.store.readStream(stream, { from: folded.revision + 1n, limit: STREAM_PAGE });
      folded = foldPage(decider, folded, page);
      isWhole = page.length < STREAM_PAGE;
    }
    return folded;
  }

  /** Has a snapshot of it saved when one is due; nobody waits for that. */
  private async kept<State>({ snapshot: rule }: AnyDecider<State, never>, stream: string, folded: Remembered<State>): Promise<Remembered<State>> {
    const { revision, keptRevision } = folded;
    if (rule === undefined || this.snapshots?.isDue(rule, revision, keptRevision) !== true) return folded;
    const last = folded.last ?? (await this.store.readStream(stream, { from: revision, limit: 1 }))[0];
    if (last === undefined) return folded;
    return this.snapshots.keep(stream, rule, { ...folded, last }) ? { ...folded, keptRevision: revision } : folded;
  }

  private cacheOf<State>(decider: AnyDecider<State, never>) {
    const known = this.remembered.get(decider);
    if (known !== undefined) return known;
    const cache = new LRUCache<string, Remembered<unknown>>({
      maxSize: REMEMBERED_BYTES,
      sizeCalculation: ({ state, marks }) => {
        const entries = decider.snapshot?.entries(state as State) ?? marks.size;
        return Math.min(marks.byteLength + (entries + 1) * BYTES_PER_ENTRY, REMEMBERED_BYTES / 4);
      },
    });
    this.remembered.set(decider, cache);
    return cache;
  }
}

function nothingOf<State, Event extends DomainEvent>(decider: AnyDecider<State, Event>): Remembered<State> {
  return { state: decider.initialState(), revision: NO_STREAM, marks: new EventMarks(), last: undefined, keptRevision: NO_STREAM };
}

function foldPage<State, Event extends DomainEvent>(
  { evolve }: Pick<Decider<State, Command, Event>, 'evolve'>,
  folded: Remembered<State>,
  page: readonly StoredEvent[],
): Remembered<State> {
  let { state, revision, last } = folded;
  for (const stored of page) {
    state = evolve(state, decodeEvent<Event>(stored.type, stored.data));
    revision = stored.revision;
    folded.marks.add(revision, stored.id);
    last = { id: stored.id, time: stored.time };
  }
  return { ...folded, state, revision, last };
}
