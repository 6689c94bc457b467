import type { Digest, ObjectStore, ObjectStoreErrorCode } from '@cairn/object-store';
import { EventStoreError } from '../../errors.js';
import type { Row, Statement } from '../connection.js';
import { OpenSegment } from './segment.js';

/** Where the bodies of a range of events lie. */
export interface ArchivedSegment {
  readonly first: bigint;
  /** The first position after it. */
  readonly end: bigint;
  readonly digest: Digest;
  readonly objectBytes: number;
  /** Uncompressed. */
  readonly textBytes: number;
}

const COLUMNS = 'first_position, end_position, digest, object_bytes, text_bytes';
const LAST: Statement = { name: 'cairn_last_segment', text: `SELECT ${COLUMNS} FROM event_store.archived_segments ORDER BY first_position DESC LIMIT 1` };
const RECORD: Statement = { name: 'cairn_record_segment', text: `INSERT INTO event_store.archived_segments (${COLUMNS}) VALUES ($1, $2, $3, $4, $5)` };

/** With these, asking again does not help: somebody has to bring the object back. The names are data here, so that readers of the log need not load every object store. */
const FINAL: ReadonlySet<unknown> = new Set<ObjectStoreErrorCode>(['NOT_FOUND', 'DIGEST_MISMATCH', 'TOO_LARGE']);

type Ask = (statement: Statement) => Promise<Row[]>;

/** Those that begin at or above `from`, in order. */
export async function loadSegments(ask: Ask, from: bigint): Promise<ArchivedSegment[]> {
  const text = `SELECT ${COLUMNS} FROM event_store.archived_segments WHERE first_position >= $1 ORDER BY first_position`;
  return (await ask({ name: 'cairn_segments', text, values: [from] })).map(segmentOf);
}

export async function loadLastSegment(ask: Ask): Promise<ArchivedSegment | undefined> {
  const [row] = await ask(LAST);
  return row === undefined ? undefined : segmentOf(row);
}

export async function recordSegment(ask: Ask, { first, end, digest, objectBytes, textBytes }: ArchivedSegment): Promise<void> {
  await ask({ ...RECORD, values: [first, end, digest, objectBytes, textBytes] });
}

/**
 * Fetches and unpacks a segment. Throws EventStoreError: UNAVAILABLE when the object store can't be reached, ARCHIVE_UNREADABLE when the object is missing there or is
 * another one.
 */
export async function fetchSegment(objects: Pick<ObjectStore, 'read'> | undefined, segment: ArchivedSegment): Promise<OpenSegment> {
  if (objects === undefined) throw unreadable(segment, 'this process was not given the object store');
  let packed: Buffer;
  try {
    packed = await objects.read(segment.digest, { maxBytes: segment.objectBytes });
  } catch (cause) {
    const isFinal = cause instanceof Error && 'code' in cause && FINAL.has(cause.code);
    if (isFinal) throw unreadable(segment, 'the object store does not have this object, or has another in its place', cause);
    throw new EventStoreError('UNAVAILABLE', `The events ${rangeOf(segment)} are archived, and the object store can not be read.`, { cause });
  }
  try {
    return await OpenSegment.open(packed, { events: Number(segment.end - segment.first), textBytes: segment.textBytes });
  } catch (cause) {
    throw unreadable(segment, 'this object does not hold as many events', cause);
  }
}

function unreadable(segment: ArchivedSegment, why: string, cause?: unknown): EventStoreError {
  return new EventStoreError('ARCHIVE_UNREADABLE', `The events ${rangeOf(segment)} are archived as ${segment.digest}, and ${why}.`, { cause, position: segment.first });
}

export function rangeOf({ first, end }: Pick<ArchivedSegment, 'first' | 'end'>): string {
  return `at positions ${first} to ${end - 1n}`;
}

function segmentOf([first, end, digest, objectBytes, textBytes]: Row): ArchivedSegment {
  return { first: BigInt(first ?? 0), end: BigInt(end ?? 0), digest: digest as Digest, objectBytes: Number(objectBytes), textBytes: Number(textBytes) };
}
