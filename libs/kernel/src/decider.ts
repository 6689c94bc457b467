import type { RefusalKind } from './domain-error.js';

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
}

export function isRefusal<Code extends string>(decision: readonly DomainEvent[] | Refusal<Code>): decision is Refusal<Code> {
  return 'refused' in decision;
}
