import { createHash } from 'node:crypto';
import type { JsonValue, Snapshotting } from '@cairn/kernel';
import type { StoredEvent } from '../event-store.js';
import { EventMarks } from './event-marks.js';
import type { Snapshot } from './snapshot-store.js';

/** What tells an event from another one that a restored log has in its place: the same command appended again has another time. */
export type EventIdentity = Pick<StoredEvent, 'id' | 'time'>;

/** A state with what has to be known of the events behind it. */
export interface KeptState<State> {
  readonly state: State;
  readonly revision: bigint;
  readonly marks: EventMarks;
  /** The event at `revision`. */
  readonly last: EventIdentity;
}

/** Larger states are not kept: reading one would cost more than it saves. */
const MAX_BODY_CHARS = 8 * 1024 * 1024;

/** Undefined when it would be too large. Throws what `toJson` throws. */
export function writeSnapshot<State>(stream: string, { version, toJson }: Snapshotting<State>, kept: KeptState<State>): Snapshot | undefined {
  const { state, revision, marks, last } = kept;
  const body = JSON.stringify({ state: toJson(state), marks: marks.toText(Number(revision) + 1), last: { id: last.id, time: last.time } });
  if (body.length > MAX_BODY_CHARS) return undefined;
  const unsealed = { stream, version, revision, body };
  return { ...unsealed, checksum: checksumOf(unsealed) };
}

/**
 * Undefined when it is not what was written for this stream and version: damaged, or somebody else's. Whether it belongs to the log as it is now is for the
 * caller to see, by `last`. The checksum finds damage, not malice: who may write the table can make up states.
 */
export function readSnapshot<State>(stream: string, { version, fromJson }: Snapshotting<State>, snapshot: Snapshot): KeptState<State> | undefined {
  if (snapshot.stream !== stream || snapshot.version !== version || snapshot.checksum !== checksumOf(snapshot)) return undefined;
  try {
    const { state, marks: text, last } = JSON.parse(snapshot.body) as { state: JsonValue; marks: string; last: EventIdentity };
    const marks = EventMarks.fromText(text);
    if (BigInt(marks.size) !== snapshot.revision + 1n) return undefined;
    return { state: fromJson(state), revision: snapshot.revision, marks, last };
  } catch {
    // Whatever is wrong with it, the events say the same.
    return undefined;
  }
}

function checksumOf({ stream, version, revision, body }: Omit<Snapshot, 'checksum'>): string {
  return createHash('sha256')
    .update(JSON.stringify([stream, version, String(revision)]))
    .update(body)
    .digest('hex');
}
