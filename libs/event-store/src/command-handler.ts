import { encodeEvent } from '@cairn/contracts';
import {
  DomainError,
  eventIdOf,
  isRefusal,
  streamName,
  type Command,
  type CommandMeta,
  type Decider,
  type DomainEvent,
} from '@cairn/kernel';
import { EventStoreError } from './errors.js';
import type { EventStore, ExpectedRevision, NewEvent, StreamAppend } from './event-store.js';
import { SnapshotKeeper, type SnapshotOptions } from './snapshots/snapshot-keeper.js';
import { StateLoader, type Folded } from './state-loader.js';
import { Turns } from './turns.js';

/** Waits until a read model shows what was appended; the projection runner is one. */
export interface ReadModelBarrier {
  /** Resolves once everything at or below `position` is visible; rejects with DomainError READ_MODEL_BEHIND after `timeoutMs`. */
  waitFor(position: bigint, timeoutMs?: number): Promise<void>;
}

/** Events for another stream, appended in the same all-or-nothing append, e.g. the claim of a unique name. */
export interface AlongsideAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly DomainEvent[];
}

export interface HandleOptions<Event extends DomainEvent> {
  /** Stream id (UUID); the stream is `<decider.category>-<id>`. */
  readonly id: string;
  /** Asked once per attempt with what was decided; not asked when nothing was decided. */
  readonly alongside?: (events: readonly Event[]) => readonly AlongsideAppend[];
  /** What a lost claim in `alongside` is called, e.g. DomainError MODEL_NAME_TAKEN. */
  readonly onAlongsideConflict?: () => DomainError;
  /** The id was made for this command, which comes for the first time: nothing is read before the append. */
  readonly isNew?: boolean;
  /** How often a revision conflict makes us load and decide again. */
  readonly maxAttempts?: number;
}

export interface HandleResult<State, Event extends DomainEvent> {
  /** After the command. */
  readonly state: State;
  /** Of the aggregate's stream after the command; -1n when it has none. */
  readonly revision: bigint;
  /** Of the last event of this command; undefined when nothing had to be recorded. */
  readonly position: bigint | undefined;
  /** What this command has recorded in the aggregate's stream, now or, when it is a repetition, the first time. */
  readonly events: readonly Event[];
}

const DEFAULT_MAX_ATTEMPTS = 16;
/** A command that waited longer for those before it on the same stream is given up: its sender hardly waits any more. */
const PATIENCE_MS = 10_000;

/** Load → fold → decide → append at the expected revision → wait for the own read model. Of a stream that is remembered nothing is loaded before the store refuses. */
export class CommandHandler {
  private readonly states: StateLoader;
  /** Commands of this process on one stream follow one another; otherwise whoever has just appended would be faster again and again than those who have to look first. */
  private readonly turns = new Turns();

  constructor(
    private readonly store: EventStore,
    /** Event source, e.g. `/model-registry`. */
    private readonly source: string,
    private readonly barrier?: ReadModelBarrier,
    /** For deciders that say how their state is kept; without, every stream is folded from its beginning. */
    snapshots?: SnapshotOptions,
  ) {
    this.states = new StateLoader(store, snapshots && new SnapshotKeeper(snapshots));
  }

  /**
   * Throws DomainError with the decider's code when it refuses, CONCURRENT_CHANGE when others kept changing the stream,
   * and EventStoreError when the store can't append.
   */
  async handle<State, Cmd extends Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Cmd, Event, Code>,
    command: Cmd,
    options: HandleOptions<Event>,
  ): Promise<HandleResult<State, Event>> {
    const stream = streamName(decider.category, options.id);
    const result = await this.turns.take(stream, () => this.decide(decider, command, options, stream), PATIENCE_MS, keptChanging);
    if (result.position !== undefined) await this.barrier?.waitFor(result.position);
    return result;
  }

  private async decide<State, Cmd extends Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Cmd, Event, Code>,
    command: Cmd,
    options: HandleOptions<Event>,
    stream: string,
  ): Promise<HandleResult<State, Event>> {
    const maxAttempts = options.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;
    const guess = options.isNew === true ? this.states.blank(decider) : this.states.recall(decider, stream);
    const guessed = guess === undefined ? undefined : await this.tryGuess(decider, command, options, stream, guess);
    if (guessed !== undefined) return guessed;
    for (let attempt = 1; ; attempt += 1) {
      const before = await this.states.load(decider, stream);
      const recorded = await this.states.findRecorded<Event>(stream, command.meta.commandId, before.marks);
      if (recorded !== undefined) return { state: before.state, revision: before.revision, ...recorded };
      const decision = decider.decide(command, before.state);
      if (isRefusal(decision)) throw new DomainError(decision.refused, decision.message, decider.refusals[decision.refused]);
      if (decision.length === 0) return { state: before.state, revision: before.revision, position: undefined, events: [] };

      const alongside = options.alongside?.(decision) ?? [];
      try {
        const result = await this.record(decider, command, stream, before, decision, alongside);
        if (result !== undefined) return result;
      } catch (error) {
        if (!isConflict(error)) throw error;
        const revision = await this.revisionOf(stream);
        if (revision <= before.revision) this.states.forget(decider, stream);
        if (alongside.length > 0 && revision === before.revision) throw options.onAlongsideConflict?.() ?? error;
        if (attempt === maxAttempts) throw keptChanging(error);
      }
    }
  }

  /**
   * Decides by what this process remembers, which saves asking: if that is old, the append is refused. Undefined when it takes a fresh look: after that, and wherever nothing
   * would be appended, since then nobody would find out that the memory is old.
   */
  private async tryGuess<State, Cmd extends Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Cmd, Event, Code>,
    command: Cmd,
    options: HandleOptions<Event>,
    stream: string,
    guess: Folded<State>,
  ): Promise<HandleResult<State, Event> | undefined> {
    if (this.states.mayHaveRecorded(stream, command.meta.commandId, guess.marks)) return undefined;
    const decision = decider.decide(command, guess.state);
    if (isRefusal(decision) || decision.length === 0) return undefined;
    try {
      return await this.record(decider, command, stream, guess, decision, options.alongside?.(decision) ?? []);
    } catch (error) {
      if (!isConflict(error)) throw error;
      return undefined;
    }
  }

  /** Undefined when an earlier attempt has recorded the command already: it may have decided by another state. */
  private async record<State, Cmd extends Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Cmd, Event, Code>,
    { meta }: Command,
    stream: string,
    before: Folded<State>,
    events: readonly Event[],
    alongside: readonly AlongsideAppend[],
  ): Promise<HandleResult<State, Event> | undefined> {
    const expected: ExpectedRevision = before.revision < 0n ? 'none' : before.revision;
    const own = this.toAppend({ stream, expected, events }, meta);
    const results = await this.store.append([own, ...alongside.map((other) => this.toAppend(other, meta))]);
    if (results.some(({ repeated }) => repeated)) return undefined;
    const position = results.reduce((highest, { position: at }) => (at > highest ? at : highest), 0n);
    const { state, revision } = this.states.appended(decider, stream, before, events, own.events.map(({ id }) => id));
    return { state, revision, position, events };
  }

  /** Folds a stream without changing it. */
  async state<State, Cmd extends Command, Event extends DomainEvent, Code extends string>(
    decider: Decider<State, Cmd, Event, Code>,
    id: string,
  ): Promise<{ state: State; revision: bigint }> {
    const { state, revision } = await this.states.load(decider, streamName(decider.category, id));
    return { state, revision };
  }

  private async revisionOf(stream: string): Promise<bigint> {
    const [last] = await this.store.readStream(stream, { direction: 'backwards', limit: 1 });
    return last?.revision ?? -1n;
  }

  private toAppend({ stream, expected, events }: AlongsideAppend, meta: CommandMeta): StreamAppend {
    return {
      stream,
      expected,
      events: events.map((event, index): NewEvent => ({
        id: eventIdOf(meta.commandId, stream, index),
        type: event.type,
        data: encodeEvent(event),
        meta: {
          source: this.source,
          workspace: meta.workspace,
          actor: meta.actor,
          correlationId: meta.correlationId,
          ...(meta.causationId !== undefined && { causationId: meta.causationId }),
          ...(meta.traceparent !== undefined && { traceparent: meta.traceparent }),
        },
      })),
    };
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof EventStoreError && error.code === 'REVISION_CONFLICT';
}

function keptChanging(cause?: unknown): DomainError {
  return new DomainError('CONCURRENT_CHANGE', 'Others kept changing this at the same time. Send the request again.', 'conflict', { cause });
}
