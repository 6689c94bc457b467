import { describe, expect, it } from 'vitest';
import type { Checkpoint } from './checkpoint.js';
import { compareCheckpoints, firstDifferingLeaf } from './compare-checkpoints.js';
import { hashLeaf } from './hash.js';
import { MerkleTree } from './merkle-tree.js';

function treeOf(count: number, changed: readonly number[] = []): MerkleTree {
  const tree = new MerkleTree();
  tree.append(...Array.from({ length: count }, (_, at) => hashLeaf(`${changed.includes(at) ? 'another' : 'event'} ${at}`)));
  return tree;
}
const at = (tree: MerkleTree, size = tree.size, origin = 'log.example'): Checkpoint => ({ origin, size, root: tree.root(size) });

describe('compareCheckpoints', () => {
  const tree = treeOf(700);
  const forked = treeOf(700, [650]);

  it('knows the same log, and another one', () => {
    expect(compareCheckpoints(at(tree), at(tree))).toBe('SAME');
    expect(compareCheckpoints(at(tree), at(tree, 700n, 'other.example'))).toBe('ANOTHER_LOG');
  });

  it('knows a fork of one size by its root', () => {
    expect(compareCheckpoints(at(tree), at(forked))).toBe('FORKED');
  });

  it('knows a fork of two sizes by the proof, whoever has the longer one', () => {
    const proof = forked.consistencyProof(660n);
    expect(compareCheckpoints(at(tree, 660n), at(forked), proof)).toBe('FORKED');
    expect(compareCheckpoints(at(forked), at(tree, 660n), proof)).toBe('FORKED');
    expect(compareCheckpoints(at(tree, 600n), at(forked), forked.consistencyProof(600n))).toBe('CONTINUED');
  });

  it('says what is not proved, and what is older', () => {
    expect(compareCheckpoints(at(tree, 600n), at(tree))).toBe('UNPROVED');
    expect(compareCheckpoints(at(tree), at(tree, 600n))).toBe('OLDER');
    expect(compareCheckpoints(at(tree), at(tree, 600n), tree.consistencyProof(600n))).toBe('OLDER');
    expect(compareCheckpoints(at(treeOf(0)), at(tree), [])).toBe('CONTINUED');
  });
});

describe('firstDifferingLeaf', () => {
  it.each([[1, 0], [5, 4], [256, 255], [257, 256], [700, 0], [700, 511], [700, 512], [700, 699], [66_000, 65_535], [66_000, 65_536], [66_000, 65_999]])(
    'finds it in a tree of %i at %i, and not what comes after',
    async (size, first) => {
      expect(await firstDifferingLeaf(treeOf(size), treeOf(size, [first, size - 1]), BigInt(size))).toBe(BigInt(first));
      expect(await firstDifferingLeaf(treeOf(size), treeOf(size, [first]), BigInt(first))).toBeUndefined();
    },
  );

  it('finds nothing between a tree and a longer one of the same log', async () => {
    expect(await firstDifferingLeaf(treeOf(700), treeOf(900), 700n)).toBeUndefined();
    expect(await firstDifferingLeaf(treeOf(0), treeOf(0), 0n)).toBeUndefined();
  });
});
