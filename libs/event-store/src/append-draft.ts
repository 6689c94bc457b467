import { EventStoreError } from './errors.js';
import type { AppendResult, ExpectedRevision, StreamAppend } from './event-store.js';
import { MAX_APPEND_BYTES, MAX_APPEND_EVENTS } from './limits.js';
import { draftEvent, type EventDraft } from './record.js';

/** Revision of a stream that has no events. */
export const NO_STREAM = -1n;

export interface StreamDraft {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EventDraft[];
}

/** One all-or-nothing append, checked and written as far as it can be before it has its place. */
export interface AppendDraft {
  readonly streams: readonly StreamDraft[];
  /** Of all its events, in order. */
  readonly ids: readonly string[];
  readonly maxBytes: number;
}

export interface Place {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
}

/** Throws INVALID_EVENT: nothing of an append is stored when one of its events can't be, or when it is larger than the limits allow. */
export function draftAppend(appends: readonly StreamAppend[]): AppendDraft {
  const ids: string[] = [];
  const count = appends.reduce((sum, { events }) => sum + events.length, 0);
  if (count > MAX_APPEND_EVENTS) throw tooLarge(`${count} events, more than ${MAX_APPEND_EVENTS}`);
  let maxBytes = 0;
  const streams = appends.map(({ stream, expected, events }): StreamDraft => {
    if (events.length === 0) throw new EventStoreError('INVALID_EVENT', `The append to ${stream} has no events.`);
    const drafts = events.map((event) => draftEvent(stream, event));
    for (const draft of drafts) {
      ids.push(draft.id);
      maxBytes += draft.maxBytes;
    }
    if (maxBytes > MAX_APPEND_BYTES) throw tooLarge(`more than ${MAX_APPEND_BYTES} bytes`);
    return { stream, expected, events: drafts };
  });
  if (ids.length > 1 && new Set(ids).size !== ids.length) throw new EventStoreError('INVALID_EVENT', 'Two events of one append have the same id.');
  return { streams, ids, maxBytes };
}

/**
 * First revision for each stream of the append, or undefined when one is not as expected. `heads` answers the last revision of a stream and is told the new
 * one, so that appends planned one after the other chain; when an expectation isn't met it is told nothing.
 */
export function planRevisions(draft: AppendDraft, heads: { get(stream: string): bigint; set(stream: string, revision: bigint): void }): bigint[] | undefined {
  const [only] = draft.streams;
  if (only !== undefined && draft.streams.length === 1) {
    const head = heads.get(only.stream);
    if (!isMet(only.expected, head)) return undefined;
    heads.set(only.stream, head + BigInt(only.events.length));
    return [head + 1n];
  }
  const moved = new Map<string, bigint>();
  const firsts: bigint[] = [];
  for (const { stream, expected, events } of draft.streams) {
    const head = moved.get(stream) ?? heads.get(stream);
    if (!isMet(expected, head)) return undefined;
    firsts.push(head + 1n);
    moved.set(stream, head + BigInt(events.length));
  }
  for (const [stream, revision] of moved) heads.set(stream, revision);
  return firsts;
}

/**
 * An append whose ids are all stored was made before: the answer is where it lies. With only some of them stored (a command that was decided
 * again with another result) it is neither the same append nor a new one, and its author has to look again: REVISION_CONFLICT.
 */
export function placesOf(draft: AppendDraft, placeOf: (id: string) => Place | undefined): AppendResult[] | EventStoreError | undefined {
  let storedCount = 0;
  const results: AppendResult[] = [];
  for (const { stream, events } of draft.streams) {
    let last: Place | undefined;
    for (const { id } of events) {
      const place = placeOf(id);
      if (place === undefined) continue;
      if (place.stream !== stream) return new EventStoreError('INVALID_EVENT', `The event id ${id} is taken by another stream.`);
      storedCount += 1;
      last = place;
    }
    if (last !== undefined) results.push({ stream, revision: last.revision, position: last.position, repeated: true });
  }
  if (storedCount === 0) return undefined;
  if (storedCount === draft.ids.length) return results;
  return new EventStoreError('REVISION_CONFLICT', 'Some of these events are stored already, others are not.');
}

function tooLarge(what: string): EventStoreError {
  return new EventStoreError('INVALID_EVENT', `One append has ${what}: send less at once.`);
}

export function conflictOf(draft: AppendDraft): EventStoreError {
  const streams = draft.streams.map(({ stream, expected }) => `${stream} at ${expected}`).join(', ');
  return new EventStoreError('REVISION_CONFLICT', `Not as expected: ${streams}.`);
}

function isMet(expected: ExpectedRevision, head: bigint): boolean {
  switch (expected) {
    case 'any':
      return true;
    case 'none':
      return head === NO_STREAM;
    case 'exists':
      return head !== NO_STREAM;
    default:
      return expected === head;
  }
}
