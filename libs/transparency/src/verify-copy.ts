import { openCheckpoint, type Checkpoint } from './checkpoint.js';
import { parseVerifier } from './key.js';
import type { TileSource } from './tile-source.js';
import { verifyLog, type LogEntry, type LogVerdict } from './verify-log.js';

export interface CopyEvidence {
  /** The signed note, as `/checkpoint` serves it. */
  readonly checkpoint: string;
  /** The log's verifier key, from a place that the log's operator can't rewrite. */
  readonly verifierKey: string;
  /** Without tiles a changed copy is recognised, but the place is not named. */
  readonly tiles?: TileSource;
}

const BATCH_ENTRIES = 512;

/**
 * Checks an exported copy, one JSON object `{"position":"0","body":"…"}` per line, from position 0. Needs nothing but its arguments: no
 * server, no database. Throws TransparencyError MALFORMED or UNTRUSTED when the evidence itself can't be trusted.
 */
export async function verifyCopy(lines: AsyncIterable<string>, evidence: CopyEvidence): Promise<LogVerdict> {
  const checkpoint: Checkpoint = openCheckpoint(evidence.checkpoint, parseVerifier(evidence.verifierKey));
  return verifyLog(entriesOf(lines), checkpoint, evidence.tiles);
}

async function* entriesOf(lines: AsyncIterable<string>): AsyncGenerator<readonly LogEntry[]> {
  let batch: LogEntry[] = [];
  let next = 0n;
  for await (const line of lines) {
    if (line === '') continue;
    batch.push(parseLine(line, next));
    next += 1n;
    if (batch.length < BATCH_ENTRIES) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** A line that can't be read stands for itself: its hash is wrong, so that the verdict names its position. */
function parseLine(line: string, expected: bigint): LogEntry {
  try {
    const { position, body } = JSON.parse(line) as { position?: unknown; body?: unknown };
    if (typeof position === 'string' && /^\d+$/.test(position) && typeof body === 'string') return { position: BigInt(position), body };
  } catch {
    // Not JSON any more: as changed as a body can be.
  }
  return { position: expected, body: line };
}
