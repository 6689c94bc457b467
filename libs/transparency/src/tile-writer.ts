import { TransparencyError } from './errors.js';
import { emptyRoot, HASH_BYTES, hashNode } from './hash.js';
import { foldHashes } from './subtree.js';
import { TILE_HEIGHT, TILE_WIDTH, tileWidth, type Tile, type TileId } from './tile.js';

/** The rightmost tile of a level while it fills. */
interface OpenTile {
  index: bigint;
  width: number;
  /** Width when it was last taken. */
  taken: number;
  hashes: Uint8Array;
}

/**
 * Appends leaf hashes and gives back the tiles that changed. Keeps only the rightmost tile of each level: a log of 16 million events
 * needs 24 KB here.
 */
export class TileWriter {
  private readonly open: OpenTile[] = [];
  private full: Tile[] = [];
  private leaves = 0n;

  /** Goes on with a stored tree; `rightmost` are the tiles that rightmostTiles(size) names. Throws MISSING_TILE. */
  static resume(size: bigint, rightmost: readonly Tile[]): TileWriter {
    const writer = new TileWriter();
    writer.leaves = size;
    for (let level = 0; size >> BigInt(level * TILE_HEIGHT) > 0n; level += 1) {
      writer.open.push(emptyTile(size >> BigInt((level + 1) * TILE_HEIGHT)));
    }
    for (const { level, index, width } of rightmostTiles(size)) {
      const stored = rightmost.find((tile) => tile.level === level && tile.index === index);
      const tile = writer.open[level];
      if (tile === undefined || stored === undefined || stored.hashes.length < width * HASH_BYTES) {
        throw new TransparencyError('MISSING_TILE', `A tree of ${size} leaves can not go on without tile ${index} of level ${level}.`);
      }
      tile.hashes.set(stored.hashes.subarray(0, width * HASH_BYTES));
      tile.width = width;
      tile.taken = width;
    }
    return writer;
  }

  get size(): bigint {
    return this.leaves;
  }

  append(leaf: Uint8Array): void {
    if (leaf.length !== HASH_BYTES) throw new TransparencyError('MALFORMED', `A leaf hash has ${HASH_BYTES} bytes, not ${leaf.length}.`);
    this.push(0, leaf);
    this.leaves += 1n;
  }

  /** Root over all leaves. At most 255 hashes per level of tiles. */
  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const { width, hashes } of this.open) {
      // Complete subtrees of the tile from right to left: the smallest is the rightmost.
      let end = width;
      for (let depth = 0; depth < TILE_HEIGHT; depth += 1) {
        const count = 1 << depth;
        if ((width & count) === 0) continue;
        const subtree = foldHashes(hashes, end - count, count);
        root = root === undefined ? subtree : hashNode(subtree, root);
        end -= count;
      }
    }
    return root ?? emptyRoot;
  }

  /** The tiles that are new or wider since the last call: full ones, then the rightmost of every level. */
  takeTiles(): Tile[] {
    const tiles = this.full;
    this.full = [];
    this.open.forEach((tile, level) => {
      if (tile.width === tile.taken) return;
      tile.taken = tile.width;
      tiles.push({ level, index: tile.index, width: tile.width, hashes: tile.hashes.slice(0, tile.width * HASH_BYTES) });
    });
    return tiles;
  }

  private push(level: number, hash: Uint8Array): void {
    const tile = (this.open[level] ??= emptyTile(0n));
    tile.hashes.set(hash, tile.width * HASH_BYTES);
    tile.width += 1;
    if (tile.width < TILE_WIDTH) return;
    this.full.push({ level, index: tile.index, width: TILE_WIDTH, hashes: tile.hashes });
    this.open[level] = emptyTile(tile.index + 1n);
    this.push(level + 1, foldHashes(tile.hashes, 0, TILE_WIDTH));
  }
}

/** The tiles that a tree of `size` leaves goes on filling: the last one of each level that has any, unless it is full. */
export function rightmostTiles(size: bigint): TileId[] {
  const tiles: TileId[] = [];
  for (let level = 0; size >> BigInt(level * TILE_HEIGHT) > 0n; level += 1) {
    const index = size >> BigInt((level + 1) * TILE_HEIGHT);
    const width = tileWidth(level, index, size);
    if (width > 0) tiles.push({ level, index, width });
  }
  return tiles;
}

function emptyTile(index: bigint): OpenTile {
  return { index, width: 0, taken: 0, hashes: new Uint8Array(TILE_WIDTH * HASH_BYTES) };
}
