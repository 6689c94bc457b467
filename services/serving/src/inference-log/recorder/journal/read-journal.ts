import { open, type FileHandle } from 'node:fs/promises';
import { SegmentBuffer } from '../segment-buffer.js';
import { BLOCK_HEADER_BYTES, decodeHeader, decodePayload } from './journal-block.js';
import { bootId, parseHeader, type JournalHeader } from './journal-header.js';

/** What a journal says is missing from it. */
export interface JournalGap {
  readonly reason: 'torn' | 'machine_crash';
  /** Rows that were answered and are not there. */
  readonly rows: number;
  /** Whether these are all. */
  readonly isExact: boolean;
  /** Between which answers, milliseconds since 1970; absent where nothing was read. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface ReadJournal {
  readonly header: JournalHeader;
  readonly buffer: SegmentBuffer;
  readonly gap: JournalGap | undefined;
}

/** Longer than the names of the columns that a file may have. */
const MAX_HEADER_BYTES = 4 * 1024 * 1024;
const SYNC_WINDOW_MS = 1_000;

/**
 * Rows of a journal up to the first block that is not whole: what follows it was never reached by a write that returned. Undefined when the file has no header, or when it was
 * made and nothing was ever written to it.
 */
export async function readJournal(path: string): Promise<ReadJournal | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = await readAt(file, 0, Math.min(size, MAX_HEADER_BYTES));
    const lineEnd = start.indexOf(0x0a);
    const header = lineEnd === -1 ? undefined : parseHeader(start.toString('utf8', 0, lineEnd));
    return header === undefined ? undefined : await readBlocks(file, header, lineEnd + 1, size);
  } finally {
    await file.close();
  }
}

async function readBlocks(file: FileHandle, header: JournalHeader, start: number, size: number): Promise<ReadJournal> {
  const buffer = new SegmentBuffer(header.columns, header.redacted);
  const texts: string[] = [];
  let lastTimeMs: number | undefined;
  for (let at = start; ; ) {
    const block = decodeHeader(await readAt(file, at, BLOCK_HEADER_BYTES));
    if (block?.requests === 0) return { header, buffer, gap: undefined };
    const payloadAt = at + BLOCK_HEADER_BYTES;
    const isThere = block !== undefined && payloadAt + block.payloadBytes <= size;
    const payload = isThere ? await readAt(file, payloadAt, block.payloadBytes) : undefined;
    const entries = block && payload && decodePayload(block, payload.buffer, header.columns.length, texts);
    if (block === undefined || entries === undefined) {
      const torn = at < size ? { rows: block?.rows ?? 0, isExact: block !== undefined, ...(block && { toMs: block.lastTimeMs }) } : undefined;
      return { header, buffer, gap: gapOf(header, torn, lastTimeMs) };
    }
    for (const { entry, sampleRate } of entries) buffer.add(entry, sampleRate);
    lastTimeMs = block.lastTimeMs;
    at = payloadAt + block.payloadBytes;
  }
}

type Torn = Pick<JournalGap, 'rows' | 'isExact' | 'toMs'>;

/** A machine that went down may have taken whole blocks along, and nobody knows how many: those of the last second. */
function gapOf({ bootId: writtenAt }: JournalHeader, torn: Torn | undefined, lastTimeMs: number | undefined): JournalGap | undefined {
  const from = lastTimeMs === undefined ? {} : { fromMs: lastTimeMs };
  const now = bootId();
  if (writtenAt !== '' && now !== '' && writtenAt !== now) {
    const to = lastTimeMs === undefined ? {} : { toMs: lastTimeMs + SYNC_WINDOW_MS };
    return { reason: 'machine_crash', rows: torn?.rows ?? 0, isExact: false, ...from, ...to };
  }
  return torn && { reason: 'torn', ...from, ...torn };
}

/** Fewer bytes at the end of the file. In memory of its own, so that numbers in it lie where numbers may. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
