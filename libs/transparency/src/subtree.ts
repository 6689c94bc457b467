import { TransparencyError } from './errors.js';
import { emptyRoot, hashNode } from './hash.js';
import type { TileSource } from './tile-source.js';
import { hashAt, TILE_HEIGHT, TILE_WIDTH, tilePath, tileWidth, type TileId } from './tile.js';

/** Leaves from (inclusive) to (exclusive). */
export interface LeafRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** A complete subtree: 2^level leaves from index × 2^level on. */
interface Node {
  readonly level: number;
  readonly index: bigint;
}

/** Gives the hashes of tiles that the tree has; may give more than the width asked for, never less. */
export type TileLookup = (tile: TileId) => Uint8Array;

/** Root of the subtree over a range of RFC 6962: a whole tree, or one of the pieces that a proof consists of. */
export function rangeHash(range: LeafRange, size: bigint, tiles: TileLookup): Uint8Array {
  let hash: Uint8Array | undefined;
  for (const node of completeNodes(range).reverse()) {
    const left = nodeHash(node, size, tiles);
    hash = hash === undefined ? left : hashNode(left, hash);
  }
  return hash ?? emptyRoot;
}

/** The tiles that rangeHash will ask for, each once. */
export function tilesFor(ranges: readonly LeafRange[], size: bigint): TileId[] {
  const tiles = new Map<string, TileId>();
  for (const range of ranges) {
    for (const node of completeNodes(range)) {
      const tile = tileOf(node, size);
      tiles.set(tilePath(tile), tile);
    }
  }
  return [...tiles.values()];
}

/** Fetches what `ranges` need, then hashes each. */
export async function rangeHashes(ranges: readonly LeafRange[], size: bigint, source: TileSource): Promise<Uint8Array[]> {
  const ids = tilesFor(ranges, size);
  const found = await source.tiles(ids);
  const byPath = new Map(ids.map((id, at) => [tilePath(id), found[at]]));
  const lookup: TileLookup = (id) => {
    const hashes = byPath.get(tilePath(id));
    if (hashes === undefined) throw new TransparencyError('MISSING_TILE', `The tile ${tilePath(id)} is missing.`);
    return hashes;
  };
  return ranges.map((range) => rangeHash(range, size, lookup));
}

/** Hash of `count` (a power of two) hashes that lie side by side. */
export function foldHashes(hashes: Uint8Array, from: number, count: number): Uint8Array {
  if (count === 1) return hashAt(hashes, from);
  const half = count / 2;
  return hashNode(foldHashes(hashes, from, half), foldHashes(hashes, from + half, half));
}

/** Largest power of two below `count`; where RFC 6962 splits a tree of two or more leaves. */
export function splitPoint(count: bigint): bigint {
  return 1n << BigInt((count - 1n).toString(2).length - 1);
}

/** Complete subtrees of a range that RFC 6962 can hash as one, from left to right, largest first. */
function completeNodes({ from, to }: LeafRange): Node[] {
  const nodes: Node[] = [];
  let at = from;
  while (at < to) {
    const level = (to - at).toString(2).length - 1;
    nodes.push({ level, index: at >> BigInt(level) });
    at += 1n << BigInt(level);
  }
  return nodes;
}

function tileOf({ level, index }: Node, size: bigint): TileId {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const firstHash = index << BigInt(level % TILE_HEIGHT);
  const tileIndex = firstHash / BigInt(TILE_WIDTH);
  return { level: tileLevel, index: tileIndex, width: tileWidth(tileLevel, tileIndex, size) };
}

function nodeHash(node: Node, size: bigint, tiles: TileLookup): Uint8Array {
  const tile = tileOf(node, size);
  const depth = node.level % TILE_HEIGHT;
  const offset = Number((node.index << BigInt(depth)) % BigInt(TILE_WIDTH));
  const hashes = tiles(tile);
  const last = hashAt(hashes, tile.width - 1);
  if (last.length === 0) throw new TransparencyError('MISSING_TILE', `The tile ${tilePath(tile)} is narrower than its name says.`);
  return foldHashes(hashes, offset, 1 << depth);
}
