import { TransparencyError } from './errors.js';
import { rangeHashes, splitPoint, type LeafRange } from './subtree.js';
import type { TileSource } from './tile-source.js';

/** Root of the tree over the first `size` leaves. */
export async function rootFrom(source: TileSource, size: bigint): Promise<Uint8Array> {
  const [root] = await rangeHashes([{ from: 0n, to: size }], size, source);
  if (root === undefined) throw new TransparencyError('MISSING_TILE', 'The root can not be computed.');
  return root;
}

/** RFC 6962 §2.1.1: proves that leaf `index` is in the tree of `size` leaves. At most ⌈log2 size⌉ hashes, from the leaf upwards. */
export function inclusionProofFrom(source: TileSource, index: bigint, size: bigint): Promise<Uint8Array[]> {
  return rangeHashes(inclusionRanges(index, size), size, source);
}

/** RFC 6962 §2.1.2: proves that the tree of `from` leaves is a prefix of the tree of `to` leaves. At most ⌈log2 to⌉ + 1 hashes. */
export function consistencyProofFrom(source: TileSource, from: bigint, to: bigint): Promise<Uint8Array[]> {
  return rangeHashes(consistencyRanges(from, to), to, source);
}

export function inclusionRanges(index: bigint, size: bigint): LeafRange[] {
  if (index < 0n || index >= size) {
    throw new TransparencyError('OUT_OF_RANGE', `A tree of ${size} leaves has no leaf ${index}.`);
  }
  const siblings: LeafRange[] = [];
  let tree: LeafRange = { from: 0n, to: size };
  while (tree.to - tree.from > 1n) {
    const middle = tree.from + splitPoint(tree.to - tree.from);
    const left = { from: tree.from, to: middle };
    const right = { from: middle, to: tree.to };
    siblings.push(index < middle ? right : left);
    tree = index < middle ? left : right;
  }
  return siblings.reverse();
}

export function consistencyRanges(from: bigint, to: bigint): LeafRange[] {
  if (from < 0n || from > to) throw new TransparencyError('OUT_OF_RANGE', `A tree of ${from} leaves can not come before one of ${to}.`);
  if (from === 0n || from === to) return [];
  const siblings: LeafRange[] = [];
  let tree: LeafRange = { from: 0n, to };
  while (tree.to !== from) {
    const middle = tree.from + splitPoint(tree.to - tree.from);
    const left = { from: tree.from, to: middle };
    const right = { from: middle, to: tree.to };
    siblings.push(from <= middle ? right : left);
    tree = from <= middle ? left : right;
  }
  // The old tree itself is known to the verifier; a part of it is not, and comes first.
  return tree.from === 0n ? siblings.reverse() : [tree, ...siblings.reverse()];
}
