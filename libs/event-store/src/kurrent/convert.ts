import type { AppendRecordInput, AppendStreamState, RecordedEvent } from '@kurrent/kurrentdb-client';
import { newId, type JsonObject } from '@cairn/kernel';
import { NO_STREAM, type Place } from '../append-draft.js';
import { canonicalJson } from '../canonical.js';
import { EventStoreError } from '../errors.js';
import type { StoredRecord } from '../event-store.js';
import { leafHash, type Envelope, type WrittenEvent } from '../record.js';
import type { StreamNames } from './stream-names.js';

const METADATA = new Set(['actor', 'causationid', 'correlationid', 'leaf', 'onbehalfof', 'position', 'source', 'time', 'traceparent', 'workspace']);

/** Where the log ended after an append: `revision` is that of the stream of sizes. */
export interface LogHead {
  readonly revision: bigint;
  readonly size: bigint;
}

/**
 * An event as KurrentDB keeps it: the data as JSON, every other attribute of the envelope as text in the metadata, with its dense position and the leaf hash
 * in hex. What KurrentDB keeps itself (stream, revision, id, type) is not said twice.
 */
export function recordedEventOf(written: WrittenEvent, position: bigint, names: StreamNames): AppendRecordInput {
  const envelope = JSON.parse(written.body) as Envelope;
  const metadata = { ...textsOf(envelope), position: String(position), leaf: leafHash(written.body).toString('hex') };
  return { streamName: names.outer(written.stream), record: { id: written.id, type: written.type, contentType: 'application/json', data: envelope.data, metadata } };
}

/**
 * The record of an event: its canonical text is made again from what KurrentDB keeps, so an edit of anything shows as a text whose hash is not the leaf.
 * Undefined for an event that no event store of ours has written.
 */
export function recordOf({ streamId, revision, id, type, data, metadata }: RecordedEvent, names: StreamNames): StoredRecord | undefined {
  const texts = textsOf(metadata);
  if (texts === undefined) return undefined;
  const { position, leaf, ...attributes } = texts;
  if (position === undefined || !/^\d+$/.test(position) || leaf === undefined) return undefined;
  const stream = names.inner(streamId);
  const envelope = { ...attributes, data: data as JsonObject, id, revision: String(revision), specversion: '1.0', subject: stream, type };
  return { position: BigInt(position), stream, revision, id, type, body: canonicalJson(envelope), leaf: Buffer.from(leaf, 'hex') };
}

/** The claim of an event's id, and where its event lies. Its own id is new each time: KurrentDB must never take a second claim for the first. */
export function claimOf(eventId: string, { stream, revision, position }: Place, names: StreamNames): AppendRecordInput {
  const data = { stream, revision: String(revision), position: String(position) };
  return { streamName: names.claimOf(eventId), record: { id: newId(), type: 'EventPlaced', contentType: 'application/json', data, metadata: {} } };
}

export function placeOf({ data }: RecordedEvent): Place {
  const { stream, revision, position } = data as Record<string, string>;
  if (stream === undefined || revision === undefined || position === undefined) throw damaged('A claim of an event id is damaged.');
  return { stream, revision: BigInt(revision), position: BigInt(position) };
}

export function growthOf(size: bigint, names: StreamNames): AppendRecordInput {
  return { streamName: names.log, record: { id: newId(), type: 'LogGrew', contentType: 'application/json', data: { size: String(size) }, metadata: {} } };
}

export function headOf({ revision, data }: RecordedEvent): LogHead {
  const { size } = data as Record<string, string>;
  if (size === undefined) throw damaged(`The size of the log at its append ${revision} is damaged.`);
  return { revision, size: BigInt(size) };
}

/** What a stream whose last revision is `head` must be like for the append: always exact, which is what makes KurrentDB's own check sure. */
export function stateAt(head: bigint): AppendStreamState {
  return head === NO_STREAM ? 'no_stream' : head;
}

export function damaged(message: string): EventStoreError {
  return new EventStoreError('INVALID_EVENT', message);
}

/** The attributes that travel in the metadata; KurrentDB may add its own. */
function textsOf(metadata: unknown): Record<string, string | undefined> | undefined {
  if (typeof metadata !== 'object' || metadata === null || metadata instanceof Uint8Array) return undefined;
  const entries = Object.entries(metadata).filter(([key, value]) => METADATA.has(key) && typeof value === 'string');
  return Object.fromEntries(entries) as Record<string, string | undefined>;
}
