import { crc32 } from 'node:zlib';
import { ID_BYTES, type InferenceEntry, type SegmentRows } from '../segment-buffer.js';

/**
 * A block is what one write adds to a journal: the rows of all requests that were answered together, column by column. Numbers are as they lie in memory, since a
 * journal is read by the machine that wrote it.
 *
 * Header: magic, bytes of the payload, its CRC-32, requests, rows, bytes of texts (u32 each); times of the first and last answer (f64, milliseconds since 1970);
 * CRC-32 of all that.
 * Payload: f64 features, predictions, and per request time, event time, latency, propensity, sample rate; u32 per request rows, and places of version, arm, replica and
 * feature versions among the texts; 16 bytes of id per request; JSON array of the texts that no block before has named, padded to 8 bytes.
 * Rows in the header are known even where the payload is torn. A block without requests is the last one.
 */
export const BLOCK_HEADER_BYTES = 48;
const MAGIC = 0x314b4c42;
const HEADER_CRC_OFFSET = 40;
const KEPT_BYTES = 4 * 1024 * 1024;

/** How far a journal holds what is in a buffer. */
export interface BlockMark {
  readonly requests: number;
  readonly rows: number;
  readonly texts: number;
}

export interface BlockHeader {
  readonly payloadBytes: number;
  readonly payloadCrc: number;
  readonly requests: number;
  readonly rows: number;
  readonly textBytes: number;
  readonly firstTimeMs: number;
  readonly lastTimeMs: number;
}

export const NOTHING: BlockMark = { requests: 0, rows: 0, texts: 0 };

/** One entry with the rate at which its kind was kept. */
export interface JournaledEntry {
  readonly entry: InferenceEntry;
  readonly sampleRate: number;
}

/** Writes blocks into one piece of memory that it uses again and again: what it returns is good until the next call. */
export class BlockEncoder {
  private memory = new ArrayBuffer(64 * 1024);
  private floats = new Float64Array(this.memory);
  private words = new Uint32Array(this.memory);
  private bytes = Buffer.from(this.memory);

  /** What came into the buffer after `since`. */
  encode(rows: SegmentRows, since: BlockMark): Buffer {
    const requests = rows.requestCount - since.requests;
    const rowCount = rows.rowCount - since.rows;
    const width = rows.columns.length;
    const fresh = rows.texts.length > since.texts ? JSON.stringify(rows.texts.slice(since.texts)) : '';
    const textBytes = Buffer.byteLength(fresh);
    const payloadBytes = padded(8 * rowCount * (width + 1) + requests * REQUEST_BYTES + textBytes);
    this.reserve(BLOCK_HEADER_BYTES + payloadBytes);
    const { floats, words, bytes } = this;
    let at = BLOCK_HEADER_BYTES / 8;
    at = copy(rows.features, since.rows * width, rows.rowCount * width, floats, at);
    at = copy(rows.predictions, since.rows, rows.rowCount, floats, at);
    for (const column of [rows.timesMs, rows.eventTimesMs, rows.latenciesMs, rows.propensities, rows.sampleRates]) {
      at = copy(column, since.requests, rows.requestCount, floats, at);
    }
    at *= 2;
    for (const column of [rows.requestRows, rows.versionIndex, rows.armIndex, rows.replicaIndex, rows.featureVersionsIndex]) {
      at = copy(column, since.requests, rows.requestCount, words, at);
    }
    at = copy(rows.inferenceIds, since.requests * ID_BYTES, rows.requestCount * ID_BYTES, bytes, at * 4);
    if (textBytes > 0) bytes.write(fresh, at);
    bytes.fill(0, at + textBytes, BLOCK_HEADER_BYTES + payloadBytes);
    const payload = bytes.subarray(BLOCK_HEADER_BYTES, BLOCK_HEADER_BYTES + payloadBytes);
    const lastTimeMs = rows.timesMs[rows.requestCount - 1] ?? 0;
    this.writeHeader({ payloadBytes, payloadCrc: crc32(payload), requests, rows: rowCount, textBytes, firstTimeMs: rows.timesMs[since.requests] ?? 0, lastTimeMs });
    return bytes.subarray(0, BLOCK_HEADER_BYTES + payloadBytes);
  }

  /** The block that says that no other follows. */
  end(): Buffer {
    this.writeHeader({ payloadBytes: 0, payloadCrc: 0, requests: 0, rows: 0, textBytes: 0, firstTimeMs: 0, lastTimeMs: 0 });
    return this.bytes.subarray(0, BLOCK_HEADER_BYTES);
  }

  private writeHeader({ payloadBytes, payloadCrc, requests, rows, textBytes, firstTimeMs, lastTimeMs }: BlockHeader): void {
    this.words.set([MAGIC, payloadBytes, payloadCrc, requests, rows, textBytes]);
    this.floats[3] = firstTimeMs;
    this.floats[4] = lastTimeMs;
    this.words[HEADER_CRC_OFFSET / 4] = crc32(this.bytes.subarray(0, HEADER_CRC_OFFSET));
    this.words[HEADER_CRC_OFFSET / 4 + 1] = 0;
  }

  /** What a large request needed is given back with the next one. */
  private reserve(length: number): void {
    const has = this.memory.byteLength;
    if (length <= has && has <= KEPT_BYTES) return;
    this.memory = new ArrayBuffer(padded(Math.max(length, Math.min(has * 2, KEPT_BYTES))));
    this.floats = new Float64Array(this.memory);
    this.words = new Uint32Array(this.memory);
    this.bytes = Buffer.from(this.memory);
  }
}

/** Undefined when these bytes are no header, or not a whole one. */
export function decodeHeader(bytes: Buffer): BlockHeader | undefined {
  if (bytes.length < BLOCK_HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  if (bytes.readUInt32LE(HEADER_CRC_OFFSET) !== crc32(bytes.subarray(0, HEADER_CRC_OFFSET))) return undefined;
  const word = (index: number): number => bytes.readUInt32LE(index * 4);
  return {
    payloadBytes: word(1), payloadCrc: word(2), requests: word(3), rows: word(4), textBytes: word(5),
    firstTimeMs: bytes.readDoubleLE(24), lastTimeMs: bytes.readDoubleLE(32),
  };
}

/** Entries in the order in which they came; `texts` gets those that the block names. Undefined when the payload is not what its header says. */
export function decodePayload(header: BlockHeader, payload: ArrayBuffer, width: number, texts: string[]): JournaledEntry[] | undefined {
  const { payloadBytes, payloadCrc, requests, rows, textBytes } = header;
  const bytes = Buffer.from(payload);
  const needed = padded(8 * rows * (width + 1) + requests * REQUEST_BYTES + textBytes);
  if (bytes.length !== payloadBytes || payloadBytes !== needed || crc32(bytes) !== payloadCrc) return undefined;
  const floatCount = rows * (width + 1) + requests * FLOATS;
  const floats = new Float64Array(payload, 0, floatCount);
  const words = new Uint32Array(payload, floatCount * 8, requests * WORDS);
  const ids = floatCount * 8 + words.byteLength;
  const textsAt = ids + requests * ID_BYTES;
  if (textBytes > 0) texts.push(...(JSON.parse(bytes.toString('utf8', textsAt, textsAt + textBytes)) as string[]));
  const float = (column: number, request: number): number => floats[rows * (width + 1) + column * requests + request] ?? 0;
  const word = (column: number, request: number): number => words[column * requests + request] ?? 0;
  const text = (column: number, request: number): string => texts[word(column, request)] ?? '';
  let row = 0;
  return Array.from({ length: requests }, (_, request): JournaledEntry => {
    const [from, to] = [row, row + word(0, request)];
    row = to;
    const entry = {
      inferenceId: uuidAt(bytes, ids + request * ID_BYTES),
      timeMs: float(0, request),
      eventTimeMs: float(1, request),
      latencyMs: float(2, request),
      propensity: float(3, request),
      versionId: text(1, request),
      arm: text(2, request) as InferenceEntry['arm'],
      replicaId: text(3, request),
      featureVersions: text(4, request),
      features: floats.slice(from * width, to * width),
      predictions: floats.slice(rows * width + from, rows * width + to),
    };
    return { entry, sampleRate: float(4, request) };
  });
}

const FLOATS = 5;
const WORDS = 5;
const REQUEST_BYTES = FLOATS * 8 + WORDS * 4 + ID_BYTES;
/** Below it, a loop is faster than the view that a copy needs. */
const FEW = 64;

type Numbers = Float64Array | Uint32Array | Uint8Array;

/** Copies `from` to `to` (excluded) and returns the place behind it. */
function copy<Array extends Numbers>(source: Array, from: number, to: number, target: Array, at: number): number {
  if (to - from > FEW) target.set(source.subarray(from, to), at);
  else for (let index = from; index < to; index += 1) target[at + index - from] = source[index] ?? 0;
  return at + to - from;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function uuidAt(bytes: Buffer, offset: number): string {
  const hex = bytes.toString('hex', offset, offset + ID_BYTES);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
