import type { RefusalKind } from './domain-error.js';
import type { JsonValue } from './json.js';

/** A past fact: a type from `proto/` and its payload. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** Who acts, and for whom when a service acts on somebody's behalf. */
export interface Actor {
  readonly principal: string;
  readonly onBehalfOf?: string;
}

/** Everything impure that a decision may need, taken before the decision is made. */
export interface CommandMeta {
  /** Names the command: events derive their ids from it, so the same command appends only once. UUID. */
  readonly commandId: string;
  /** Whether the sender may send the same command again under the same id, as with an Idempotency-Key. */
  readonly repeatable?: boolean;
  /** RFC 3339 UTC. */
  readonly now: string;
  readonly actor: Actor;
  readonly workspace: string;
  /** The request that started it all. UUID. */
  readonly correlationId: string;
  /** The event that made us act, when an event did. UUID. */
  readonly causationId?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
}

export interface Command<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
  readonly meta: CommandMeta;
}

/**
 * What a decider answers instead of events. `code` is stable and public, `message` tells the caller what to change;
 * it names no host, table or stack.
 */
export interface Refusal<Code extends string = string> {
  readonly refused: Code;
  readonly message: string;
}

/**
 * How the state of a long stream is kept beside the log, so that not every event has to be folded again. Both functions are pure, and a state that went
 * through them decides and evolves like the one it was. What is kept outlives the erasure of a person, so personal data must not be in it.
 */
export interface Snapshotting<State> {
  /** From 1. To be raised whenever the same events would fold into another state, or that state would be written in another way. */
  readonly version: number;
  /** After at least so many events a new one is kept. */
  readonly everyEvents: number;
  /** How many small things the state holds, such as entries of maps: a measure, cheap to take, of the room that it needs in memory. */
  readonly entries: (state: State) => number;
  readonly toJson: (state: State) => JsonValue;
  /** Of what `toJson` of this version has made. May throw: then the stream is folded from its beginning. */
  readonly fromJson: (json: JsonValue) => State;
}

/**
 * The whole domain logic of one aggregate. Both functions are pure: the same arguments give the same answer for ever,
 * which is what makes a log replayable.
 */
export interface Decider<State, Cmd extends Command, Event extends DomainEvent, Code extends string = string> {
  /** Prefix of the aggregate's streams, e.g. `model-version`; a stream is `<category>-<uuid>`. */
  readonly category: string;
  readonly initialState: () => State;
  readonly evolve: (state: State, event: Event) => State;
  /** No events means: already so, nothing to record. */
  readonly decide: (command: Cmd, state: State) => readonly Event[] | Refusal<Code>;
  /** What kind of refusal each code is; the edge turns the kind into a status. */
  readonly refusals: Readonly<Record<Code, RefusalKind>>;
  /** For streams that grow without a bound. Absent, the state is always folded from all events. */
  readonly snapshot?: Snapshotting<State>;
}

export function isRefusal<Code extends string>(decision: readonly DomainEvent[] | Refusal<Code>): decision is Refusal<Code> {
  return 'refused' in decision;
}
