import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Actor, JsonObject } from '@cairn/kernel';
import { canonicalJson, wellFormed } from './canonical.js';
import { EventStoreError } from './errors.js';
import type { NewEvent, StoredEvent, StoredRecord } from './event-store.js';

/** Of the whole envelope in UTF-8. A transparency log's entry bundle can't hold more than 65,535 bytes. */
export const MAX_EVENT_BYTES = 60 * 1024;
/** Revision and time are known only when the event is stored; they are at most this long. */
const OPEN_BYTES = 20 + 27;
const MAX_NAME_LENGTH = 255;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
// Visible characters that JSON writes as they are; this also keeps NUL out of PostgreSQL.
const NAME = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** How JSON writes U+0000; a backslash that is itself escaped is none. */
const NUL = /(?:^|[^\\])(?:\\\\)*\\u0000/;

/** The envelope as it stands in the log: CloudEvents names, every field of the event but `position`. */
export interface Envelope {
  readonly actor: string;
  readonly causationid?: string;
  readonly correlationid: string;
  readonly data: JsonObject;
  readonly id: string;
  /** CloudEvents attributes are plain values, so the actor's second half is an attribute of its own. */
  readonly onbehalfof?: string;
  readonly revision: string;
  readonly source: string;
  readonly specversion: '1.0';
  readonly subject: string;
  readonly time: string;
  readonly traceparent?: string;
  readonly type: string;
  readonly workspace: string;
}

/** An event whose envelope is written up to the two things that only the moment of storing knows: revision and time. */
export interface EventDraft {
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  /** Canonical JSON up to the revision, between revision and time, and after the time. */
  readonly parts: readonly [string, string, string];
  /** At most so many bytes once it is stored. */
  readonly maxBytes: number;
}

/** A record that has no position yet, and whose leaf is still to be hashed. */
export type WrittenEvent = Omit<StoredRecord, 'position' | 'leaf'>;

/** Checks and writes what is known before the event has a place. Throws INVALID_EVENT. */
export function draftEvent(stream: string, event: NewEvent): EventDraft {
  if (!isName(stream)) throw invalid('stream name');
  if (!isName(event.type)) throw invalid('type');
  if (!UUID.test(event.id)) throw invalid('id: a lower-case UUID is needed');
  const { meta } = event;
  // The keys of the envelope in canonical order: actor … data … id … revision … source … time … workspace.
  const parts: [string, string, string] = [
    `{"actor":${quoted(meta.actor.principal)}${optional('causationid', meta.causationId)},"correlationid":${quoted(meta.correlationId)}` +
      `,"data":${storable(canonicalJson(event.data))},"id":"${event.id}"${optional('onbehalfof', meta.actor.onBehalfOf)},"revision":"`,
    `","source":${quoted(meta.source)},"specversion":"1.0","subject":"${stream}","time":"`,
    `"${optional('traceparent', meta.traceparent)},"type":"${event.type}","workspace":${quoted(meta.workspace)}}`,
  ];
  const maxBytes = OPEN_BYTES + parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  if (maxBytes > MAX_EVENT_BYTES) {
    const cure = 'put what is large into the object store and record its digest';
    throw new EventStoreError('INVALID_EVENT', `An event of ${event.type} has ${maxBytes} bytes, more than ${MAX_EVENT_BYTES}: ${cure}.`);
  }
  return { stream, id: event.id, type: event.type, parts, maxBytes };
}

export function writeEvent(draft: EventDraft, revision: bigint, time: string): WrittenEvent {
  const [head, middle, tail] = draft.parts;
  return { stream: draft.stream, revision, id: draft.id, type: draft.type, body: `${head}${revision}${middle}${time}${tail}` };
}

/** RFC 6962 leaf: SHA-256(0x00 ‖ body in UTF-8). */
export function leafHash(body: string): Buffer {
  return hash('sha256', `\0${body}`, 'buffer');
}

/** The same of bytes that have the 0x00 in front already, in hex: a buffer for each hash of a batch would cost more than the hash. */
export function leafHashHex(prefixedBody: Uint8Array): string {
  return hash('sha256', prefixedBody, 'hex');
}

/** Throws INVALID_EVENT when the body isn't an envelope: somebody changed it. */
export function parseRecord(record: Pick<StoredRecord, 'position' | 'body'>): StoredEvent {
  let envelope: Envelope;
  try {
    envelope = JSON.parse(record.body) as Envelope;
  } catch (cause) {
    throw new EventStoreError('INVALID_EVENT', `The record at position ${record.position} is not JSON.`, { cause });
  }
  if (typeof envelope.data !== 'object' || envelope.data === null) {
    throw new EventStoreError('INVALID_EVENT', `The record at position ${record.position} is not an event.`);
  }
  // Assigned rather than spread: a replay does this for every event of the log.
  const event: { -readonly [Key in keyof StoredEvent]: StoredEvent[Key] } = {
    position: record.position,
    stream: envelope.subject,
    revision: BigInt(envelope.revision),
    id: envelope.id,
    type: envelope.type,
    source: envelope.source,
    workspace: envelope.workspace,
    time: envelope.time,
    actor: actorOf(envelope),
    correlationId: envelope.correlationid,
    data: envelope.data,
  };
  if (envelope.causationid !== undefined) event.causationId = envelope.causationid;
  if (envelope.traceparent !== undefined) event.traceparent = envelope.traceparent;
  return event;
}

/**
 * Whether the record is what was stored: the leaf is the hash of the body, the body is canonical, and the columns say what the body says.
 * That the leaf is the one which the log committed to is for the transparency log to prove.
 */
export function verifyRecord(record: StoredRecord): boolean {
  if (!leafHash(record.body).equals(record.leaf)) return false;
  try {
    const envelope = JSON.parse(record.body) as Envelope;
    return (
      envelope.subject === record.stream &&
      envelope.revision === String(record.revision) &&
      envelope.id === record.id &&
      envelope.type === record.type &&
      canonicalize(envelope) === record.body
    );
  } catch {
    return false;
  }
}

function actorOf(envelope: Envelope): Actor {
  return envelope.onbehalfof === undefined ? { principal: envelope.actor } : { principal: envelope.actor, onBehalfOf: envelope.onbehalfof };
}

function isName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && NAME.test(name);
}

function quoted(text: string): string {
  if (typeof text !== 'string') throw invalid('metadata');
  return storable(wellFormed(JSON.stringify(text)));
}

/** A text column of PostgreSQL cannot hold U+0000: an event with it would stop every read model that shows the text. */
function storable(json: string): string {
  if (json.includes('\\u0000') && NUL.test(json)) throw new EventStoreError('INVALID_EVENT', 'The event holds the character U+0000. Take it out of the text.');
  return json;
}

function optional(name: string, text: string | undefined): string {
  return text === undefined ? '' : `,"${name}":${quoted(text)}`;
}

function invalid(what: string): EventStoreError {
  return new EventStoreError('INVALID_EVENT', `The event has an unusable ${what}.`);
}
