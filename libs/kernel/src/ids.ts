import { parse, v5, v7, version } from 'uuid';
import { pooledRandom } from './pooled-random.js';

/** Namespace of every name-derived id in Cairn. Changing it would orphan every stream ever written. */
const CAIRN_NAMESPACE = parse('6f2d8f0e-5a6b-5c53-9d3a-0c6f9a1b7e42');

const RANDOM_BYTES = 16;
const last = { msecs: 0, seq: 0 };

/**
 * Time-ordered id (UUIDv7, RFC 9562 §5.7); of the ids of this process each is greater than the one before. Within a millisecond, and when the clock steps back, 32 bits
 * that began at random count on (§6.2, method 1).
 */
export function newId(): string {
  const random = pooledRandom(RANDOM_BYTES);
  const now = Date.now();
  if (now > last.msecs) {
    last.msecs = now;
    last.seq = random.readUInt32BE(6) >>> 1;
  } else {
    last.seq = (last.seq + 1) >>> 0;
    if (last.seq === 0) last.msecs += 1;
  }
  return v7({ random, msecs: last.msecs, seq: last.seq });
}

/** The same parts give the same id, and no two different lists of parts do: JSON keeps ("a","bc") apart from ("ab","c"). */
export function derivedId(...parts: readonly string[]): string {
  return v5(Buffer.from(JSON.stringify(parts)), CAIRN_NAMESPACE);
}

/**
 * Id of the index-th event that a command appends to a stream: the same command names the same events, whatever process handles it.
 * A time-ordered command id (UUIDv7) gives time-ordered event ids, which keeps the store's id index compact.
 */
export function eventIdOf(commandId: string, stream: string, index: number): string {
  const derived = derivedId(commandId, stream, String(index));
  return version(commandId) === 7 ? `${commandId.slice(0, 14)}7${derived.slice(15)}` : derived;
}

export function streamName(category: string, id: string): string {
  return `${category}-${id}`;
}

/** `model-version-<uuid>` → `model-version`. */
export function streamCategory(stream: string): string {
  return stream.length > UUID_LENGTH ? stream.slice(0, -(UUID_LENGTH + 1)) : stream;
}

/** `model-version-<uuid>` → `<uuid>`. */
export function streamId(stream: string): string {
  return stream.slice(-UUID_LENGTH);
}

const UUID_LENGTH = 36;
