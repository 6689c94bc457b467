import type { Actor, JsonObject } from '@cairn/kernel';

/**
 * What a stream must look like for an append to happen: at this revision, absent, present, or no matter what.
 */
export type ExpectedRevision = bigint | 'none' | 'exists' | 'any';

export interface EventMeta {
  /** The service, e.g. `/model-registry`. */
  readonly source: string;
  readonly workspace: string;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly traceparent?: string;
}

export interface NewEvent {
  /** UUID. Also the idempotency key: an id that is stored already is never stored again. */
  readonly id: string;
  /** Full proto name, e.g. `cairn.registry.v1.ModelVersionCreated`. */
  readonly type: string;
  /** proto3 JSON. */
  readonly data: JsonObject;
  readonly meta: EventMeta;
}

export interface StreamAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** At least one. */
  readonly events: readonly NewEvent[];
}

/** Where the last event of one StreamAppend lies. */
export interface AppendResult {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  /** These ids were stored before, perhaps by an earlier attempt at this append whose answer was lost; what lies there is what was sent then. */
  readonly repeated?: true;
}

/** An event as it lies in the log, with the exact bytes that its leaf hash covers. */
export interface StoredRecord {
  /** Place in the one log: dense, from 0. Leaf index of the transparency log. */
  readonly position: bigint;
  readonly stream: string;
  /** Place in the stream, from 0. */
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  /** RFC 8785 canonical JSON of the whole envelope but `position`. */
  readonly body: string;
  /** SHA-256(0x00 ‖ body), 32 bytes. */
  readonly leaf: Uint8Array;
}

/** A record, parsed. */
export interface StoredEvent {
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly workspace: string;
  /** RFC 3339 UTC with microseconds, taken when appended. */
  readonly time: string;
  readonly actor: Actor;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  readonly data: JsonObject;
}

export interface EventFilter {
  /** Full type names; absent means all. */
  readonly types?: readonly string[];
  /** Stream names that begin so; absent means all. */
  readonly streamPrefixes?: readonly string[];
}

export interface ReadStreamOptions {
  /** First revision to read; by default the first (or, backwards, the last). */
  readonly from?: bigint;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit?: number;
}

/** A piece of the log. `next` is where to read on: everything below it has been looked at, also what the filter left out. */
export interface LogPage<Item = StoredEvent> {
  readonly events: readonly Item[];
  readonly next: bigint;
}

/**
 * The one log.
 *
 * - Durable once `append` resolves; all of an append or nothing of it.
 * - Positions are dense and in commit order: a reader that has seen position n will never see a new event at or below n.
 * - An id is stored once. Appending ids that are stored already answers with the places they have; with only some of them stored, it is a conflict.
 * - A rejection with UNAVAILABLE says that the outcome could not be learnt: appending the same ids again is always safe.
 * - An adapter whose own global order is not dense keeps a mapping: `position` is dense here in any case.
 */
export interface EventStore {
  append(appends: readonly StreamAppend[]): Promise<readonly AppendResult[]>;
  /** A stream that is not there reads as empty. */
  readStream(stream: string, options?: ReadStreamOptions): Promise<readonly StoredEvent[]>;
  /** At most `limit` events (default 1,000, at most 10,000) at or above `from`. */
  readAll(from: bigint, options?: { filter?: EventFilter; limit?: number }): Promise<LogPage>;
  /** As readAll, unparsed: for relay, hashing and export. */
  readRecords(from: bigint, options?: { limit?: number }): Promise<LogPage<StoredRecord>>;
  /**
   * Reads on for ever: what is stored, then what arrives, in batches, until `signal` aborts (then it returns).
   * Wakes at once when this process or, where the adapter can, another one appends. Survives a lost connection. Pages without matching
   * events are yielded too, when `next` moved, so that a checkpoint can follow.
   */
  follow(from: bigint, options: { filter?: EventFilter; limit?: number; signal: AbortSignal }): AsyncIterable<LogPage>;
  /** As follow, unparsed and unfiltered. */
  followRecords(from: bigint, options: { limit?: number; signal: AbortSignal }): AsyncIterable<LogPage<StoredRecord>>;
  /** Number of events in the log: the position the next one will get. */
  size(): Promise<bigint>;
  close(): Promise<void>;
}
