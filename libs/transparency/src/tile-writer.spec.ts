import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyRoot, hashLeaf } from './hash.js';
import { MerkleTree } from './merkle-tree.js';
import { rightmostTiles, TileWriter } from './tile-writer.js';
import type { Tile } from './tile.js';

const LEAVES = Array.from({ length: 1_500 }, (_, index) => hashLeaf(String(index)));

function treeOf(size: number): MerkleTree {
  const tree = new MerkleTree();
  for (const leaf of LEAVES.slice(0, size)) tree.append(leaf);
  return tree;
}

describe('TileWriter', () => {
  it('begins with the empty root', () => {
    expect(new TileWriter().root()).toEqual(emptyRoot);
  });

  it('goes on from stored tiles as if it had never stopped', () => {
    const whole = treeOf(LEAVES.length);
    fc.assert(
      fc.property(fc.nat(LEAVES.length), fc.nat(LEAVES.length), (one, other) => {
        const [stop, end] = one < other ? [one, other] : [other, one];
        const first = new TileWriter();
        for (const leaf of LEAVES.slice(0, stop)) first.append(leaf);
        const stored = new Map<string, Tile>();
        for (const tile of first.takeTiles()) stored.set(`${tile.level}/${tile.index}`, tile);

        const second = TileWriter.resume(BigInt(stop), [...stored.values()]);
        for (const leaf of LEAVES.slice(stop, end)) second.append(leaf);
        expect(second.root()).toEqual(whole.root(BigInt(end)));
      }),
      { numRuns: 30 },
    );
  });

  it('takes each tile once, unless it grew', () => {
    const writer = new TileWriter();
    for (const leaf of LEAVES.slice(0, 300)) writer.append(leaf);
    expect(writer.takeTiles().map(({ level, index, width }) => [level, index, width])).toEqual([[0, 0n, 256], [0, 1n, 44], [1, 0n, 1]]);
    expect(writer.takeTiles()).toEqual([]);
    writer.append(LEAVES[300]!);
    expect(writer.takeTiles().map(({ level, index, width }) => [level, index, width])).toEqual([[0, 1n, 45]]);
  });

  it('does not go on without the tiles that it needs', () => {
    expect(rightmostTiles(300n)).toEqual([{ level: 0, index: 1n, width: 44 }, { level: 1, index: 0n, width: 1 }]);
    expect(() => TileWriter.resume(300n, [])).toThrow('can not go on without tile 1 of level 0');
  });
});
