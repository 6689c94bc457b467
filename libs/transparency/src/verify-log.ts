import type { Checkpoint } from './checkpoint.js';
import { HASH_BYTES, hashLeaf, sameHash } from './hash.js';
import type { TileSource } from './tile-source.js';
import { TileWriter } from './tile-writer.js';
import { hashAt, TILE_WIDTH, tileWidth, type Tile, type TileId } from './tile.js';

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
 */
export type LogFinding = 'CHANGED' | 'MISSING' | 'OUT_OF_ORDER';

export interface LogVerdict {
  /** The entries below the checkpoint's size hash to the checkpoint's root. */
  readonly verified: boolean;
  /** Of the checkpoint. Entries at and above it are not covered and were not looked at. */
  readonly size: bigint;
  /** What the entries hash to. */
  readonly root: Uint8Array;
  /** Absent when all is well, and when tiles are missing or were falsified along with the entries. */
  readonly firstBadPosition?: bigint;
  readonly finding?: LogFinding;
  /** The tiles hash to the signed root, so that `firstBadPosition` is certain. Undefined when nothing is bad, or without tiles. */
  readonly tilesAuthentic?: boolean;
}

// Hashes between two awaits while tiles are checked: a few milliseconds.
const TILES_PER_FETCH = 4n;

/**
 * Hashes every entry again and compares with a checkpoint whose signature has been checked (openCheckpoint). A root alone says only that
 * something is wrong; with the log's tiles, which hash to the same root, the first bad position is known.
 *
 * Each batch is hashed in one go, about 10 µs per entry: the size of the batches bounds how long the thread is busy.
 */
export async function verifyLog(batches: AsyncIterable<readonly LogEntry[]>, checkpoint: Checkpoint, tiles?: TileSource): Promise<LogVerdict> {
  const writer = new TileWriter();
  let broken: { position: bigint; finding: LogFinding } | undefined;
  let changed: bigint | undefined;

  for await (const batch of batches) {
    for (const { position, body } of batch) {
      if (writer.size === checkpoint.size) break;
      if (position !== writer.size) {
        broken = { position: writer.size, finding: 'OUT_OF_ORDER' };
        break;
      }
      writer.append(hashLeaf(body));
    }
    const computed = writer.takeTiles();
    if (tiles !== undefined && changed === undefined) changed = await firstDifference(computed, tiles);
    if (broken !== undefined || writer.size === checkpoint.size) break;
  }
  if (broken === undefined && writer.size < checkpoint.size) broken = { position: writer.size, finding: 'MISSING' };

  const root = writer.root();
  const { size } = checkpoint;
  if (broken === undefined && sameHash(root, checkpoint.root)) return { verified: true, size, root };

  const tilesAuthentic = tiles === undefined ? undefined : sameHash(await rootOfLeafTiles(tiles, size), checkpoint.root);
  // A change comes before the break: entries after the break were not compared.
  const first = changed !== undefined ? { position: changed, finding: 'CHANGED' as const } : broken;
  return {
    verified: false,
    size,
    root,
    ...(first !== undefined && { firstBadPosition: first.position, finding: first.finding }),
    ...(tilesAuthentic !== undefined && { tilesAuthentic }),
  };
}

async function firstDifference(computed: readonly Tile[], source: TileSource): Promise<bigint | undefined> {
  const leafTiles = computed.filter(({ level }) => level === 0);
  const stored = await source.tiles(leafTiles);
  for (const [at, tile] of leafTiles.entries()) {
    const hashes = stored[at];
    // Without the stored hashes nothing can be said about their leaves, nor about what comes first after them.
    if (hashes === undefined || hashes.length < tile.width * HASH_BYTES) return undefined;
    if (sameHash(hashes.subarray(0, tile.hashes.length), tile.hashes)) continue;
    for (let offset = 0; offset < tile.width; offset += 1) {
      if (!sameHash(hashAt(hashes, offset), hashAt(tile.hashes, offset))) return tile.index * BigInt(TILE_WIDTH) + BigInt(offset);
    }
  }
  return undefined;
}

/** Root over the leaves as the tiles have them; of fewer leaves when a tile is missing. */
async function rootOfLeafTiles(source: TileSource, size: bigint): Promise<Uint8Array> {
  const writer = new TileWriter();
  for (let index = 0n; tileWidth(0, index, size) > 0; index += TILES_PER_FETCH) {
    const ids: TileId[] = [];
    for (let next = index; next < index + TILES_PER_FETCH && tileWidth(0, next, size) > 0; next += 1n) {
      ids.push({ level: 0, index: next, width: tileWidth(0, next, size) });
    }
    const found = await source.tiles(ids);
    for (const [at, { width }] of ids.entries()) {
      const hashes = found[at];
      if (hashes === undefined || hashes.length < width * HASH_BYTES) return writer.root();
      for (let offset = 0; offset < width; offset += 1) writer.append(hashAt(hashes, offset));
    }
    writer.takeTiles();
  }
  return writer.root();
}
