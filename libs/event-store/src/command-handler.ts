import { encodeEvent } from '@cairn/contracts';
import {
  DomainError,
  eventIdOf,
  fold,
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
import { StateLoader } from './state-loader.js';

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

const DEFAULT_MAX_ATTEMPTS = 8;

/** Load → fold → decide → append at the expected revision → wait for the own read model. */
export class CommandHandler {
  private readonly states: StateLoader;

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
    const maxAttempts = options.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;
    for (let attempt = 1; ; attempt += 1) {
      const before = await this.states.load(decider, stream);
      const recorded = await this.states.findRecorded<Event>(stream, command.meta.commandId, before.marks);
      if (recorded !== undefined) {
        await this.barrier?.waitFor(recorded.position);
        return { state: before.state, revision: before.revision, ...recorded };
      }
      const decision = decider.decide(command, before.state);
      if (isRefusal(decision)) throw new DomainError(decision.refused, decision.message, decider.refusals[decision.refused]);
      if (decision.length === 0) return { state: before.state, revision: before.revision, position: undefined, events: [] };

      const alongside = options.alongside?.(decision) ?? [];
      const expected: ExpectedRevision = before.revision < 0n ? 'none' : before.revision;
      try {
        const results = await this.store.append([
          this.toAppend({ stream, expected, events: decision }, command.meta),
          ...alongside.map((other) => this.toAppend(other, command.meta)),
        ]);
        const position = results.reduce((highest, { position: at }) => (at > highest ? at : highest), 0n);
        await this.barrier?.waitFor(position);
        return {
          state: fold(decider.evolve, before.state, decision),
          revision: before.revision + BigInt(decision.length),
          position,
          events: decision,
        };
      } catch (error) {
        if (!(error instanceof EventStoreError) || error.code !== 'REVISION_CONFLICT') throw error;
        this.states.forget(decider, stream);
        if (alongside.length > 0 && (await this.revisionOf(stream)) === before.revision) {
          throw options.onAlongsideConflict?.() ?? error;
        }
        if (attempt === maxAttempts) {
          throw new DomainError('CONCURRENT_CHANGE', 'Others kept changing this at the same time. Send the request again.', 'conflict', { cause: error });
        }
      }
    }
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
