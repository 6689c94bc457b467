import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Checkpoint } from './checkpoint.js';
import { hashLeaf, sameHash } from './hash.js';
import { badTile, judgeTiles, TileComparison, type BadTile } from './stored-tiles.js';
import type { TileSource } from './tile-source.js';
import { TileWriter } from './tile-writer.js';

export interface LogEntry {
  /** From 0, without gaps. */
  readonly position: bigint;
  /** The exact text that was hashed when it was appended. */
  readonly body: string;
}

/**
 * CHANGED       the entry is not the one that the log committed to.
 * MISSING       the log ends before the checkpoint does.
 * OUT_OF_ORDER  another position stands where this one should.
 * UNREADABLE    whoever keeps the entry's text can't give it: it is damaged or lost. Said by who reads the log, not by verifyLog.
 */
export type LogFinding = 'CHANGED' | 'MISSING' | 'OUT_OF_ORDER' | 'UNREADABLE';

export interface LogVerdict {
  /** The entries are what was signed, and so are the tiles, where there were any to look at. */
  readonly verified: boolean;
  /** The entries below the checkpoint's size hash to the checkpoint's root. */
  readonly entriesVerified: boolean;
  /** Every tile is the one that the log committed to. Undefined without tiles. */
  readonly tilesVerified?: boolean;
  /** Of the checkpoint. Entries at and above it are not covered and were not looked at. */
  readonly size: bigint;
  /** What the entries hash to. */
  readonly root: Uint8Array;
  /** Of the entries. Absent when all is well with them, and when tiles are missing or were falsified along with them. Certain when the tiles are the log's. */
  readonly firstBadPosition?: bigint;
  readonly finding?: LogFinding;
  /** Certain when the entries are the log's, or the tiles of leaves hash to the root. */
  readonly badTile?: BadTile;
}

/** After so much text others have a turn: about a millisecond of hashing, several on a processor without instructions for it. */
const CHARS_PER_TURN = 1024 * 1024;

interface Break {
  readonly position: bigint;
  readonly finding: LogFinding;
}

/**
 * Hashes every entry again and compares with a checkpoint whose signature has been checked (openCheckpoint). A root alone says only that
 * something is wrong; with the log's tiles, which hash to the same root, the first bad position is known. The tiles are verified in the same pass, those of
 * every level: a log can be whole while its tiles are not, and whoever gets a proof from an edited tile can't use it.
 */
export async function verifyLog(batches: AsyncIterable<readonly LogEntry[]>, checkpoint: Checkpoint, tiles?: TileSource): Promise<LogVerdict> {
  const { size } = checkpoint;
  const writer = new TileWriter();
  const comparison = tiles && new TileComparison(tiles, size);
  let broken: Break | undefined;
  for await (const batch of batches) {
    broken = await hashAll(batch, writer, size);
    await comparison?.take(writer);
    if (broken !== undefined || writer.size === size) break;
  }
  await comparison?.finish(writer);
  if (broken === undefined && writer.size < size) broken = { position: writer.size, finding: 'MISSING' };

  const root = writer.root();
  if (broken === undefined && sameHash(root, checkpoint.root)) {
    const difference = comparison?.difference;
    const verified = difference === undefined;
    return { verified, entriesVerified: true, ...(tiles && { tilesVerified: verified }), size, root, ...(difference && { badTile: badTile(difference) }) };
  }
  const judged = tiles && (await judgeTiles(tiles, checkpoint));
  const changed = comparison?.firstChangedLeaf;
  // A change comes before the break: entries after the break were not compared.
  const first = changed !== undefined ? { position: changed, finding: 'CHANGED' as const } : broken;
  return {
    verified: false,
    entriesVerified: false,
    ...(judged && { tilesVerified: judged.verified }),
    size,
    root,
    ...(first && { firstBadPosition: first.position, finding: first.finding }),
    ...(judged?.badTile && { badTile: judged.badTile }),
  };
}

/** Up to `size` entries in all. */
async function hashAll(batch: readonly LogEntry[], writer: TileWriter, size: bigint): Promise<Break | undefined> {
  let chars = 0;
  for (const { position, body } of batch) {
    if (writer.size === size) return undefined;
    if (position !== writer.size) return { position: writer.size, finding: 'OUT_OF_ORDER' };
    writer.append(hashLeaf(body));
    chars += body.length;
    if (chars < CHARS_PER_TURN) continue;
    chars = 0;
    await nextTurn();
  }
  return undefined;
}
