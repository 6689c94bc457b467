import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hashLeaf, hashNode } from './hash.js';
import { MerkleTree } from './merkle-tree.js';
import { consistencyProofFrom, inclusionProofFrom, rootFrom } from './proof.js';
import { verifyConsistency, verifyInclusion } from './verify.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => Buffer.from(text, 'hex');

// The eight leaves of the Certificate Transparency reference implementation, and the root over the first n of them.
const CT_LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(unhex);
const CT_ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the eight published leaves', () => {
  const tree = new MerkleTree();
  tree.append(...CT_LEAVES.map(hashLeaf));

  it.each(CT_ROOTS.map((root, size) => ({ size, root })))('has the published root at size $size', ({ size, root }) => {
    expect(hex(tree.root(BigInt(size)))).toBe(root);
  });

  it('gives the published inclusion proofs', () => {
    expect(tree.inclusionProof(5n, 8n).map(hex)).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    expect(tree.inclusionProof(0n, 1n)).toEqual([]);
  });

  it('gives the published consistency proofs', () => {
    expect(tree.consistencyProof(6n, 8n).map(hex)).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    expect(tree.consistencyProof(2n, 5n).map(hex)).toEqual([
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ]);
    expect(tree.consistencyProof(8n, 8n)).toEqual([]);
  });

  it('refuses sizes and leaves that it does not have', () => {
    expect(() => tree.root(9n)).toThrow('not 9');
    expect(() => tree.inclusionProof(8n, 8n)).toThrow('no leaf 8');
    expect(() => tree.consistencyProof(5n, 4n)).toThrow('can not come before');
  });
});

// Two levels of tiles and a third one beginning, with partial ones at both.
const LEAVES = 66_000;

describe('a tree of many tiles', () => {
  const leaves = Array.from({ length: LEAVES }, (_, index) => hashLeaf(String(index)));
  const tree = new MerkleTree();
  beforeAll(() => {
    for (const leaf of leaves) tree.append(leaf);
  });

  /** RFC 6962 §2.1 word by word, as the oracle. */
  function rootOf(of: readonly Uint8Array[]): Uint8Array {
    const [first] = of;
    if (of.length === 1 && first !== undefined) return first;
    let split = 1;
    while (split * 2 < of.length) split *= 2;
    return hashNode(rootOf(of.slice(0, split)), rootOf(of.slice(split)));
  }

  const sizes = fc.bigInt({ min: 1n, max: BigInt(LEAVES) });

  it('has the root that the definition gives', () => {
    for (const size of [1, 2, 255, 256, 257, 511, 513, 1_000, 65_535, 65_536, 65_537, LEAVES]) {
      expect(hex(tree.root(BigInt(size))), `size ${size}`).toBe(hex(rootOf(leaves.slice(0, size))));
    }
  });

  it('answers the same from tiles behind a source', async () => {
    expect(await rootFrom(tree, 65_900n)).toEqual(tree.root(65_900n));
    expect(await inclusionProofFrom(tree, 17n, 65_900n)).toEqual(tree.inclusionProof(17n, 65_900n));
    expect(await consistencyProofFrom(tree, 300n, 65_900n)).toEqual(tree.consistencyProof(300n, 65_900n));
  });

  it('proves every leaf, and nothing else with the same proof', () => {
    fc.assert(
      fc.property(sizes, fc.bigInt({ min: 0n, max: BigInt(LEAVES) }), fc.nat(), (size, any, bit) => {
        const index = any % size;
        const claim = { leaf: leaves[Number(index)]!, index, size, root: tree.root(size), proof: tree.inclusionProof(index, size) };
        expect(verifyInclusion(claim)).toBe(true);
        expect(verifyInclusion({ ...claim, index: (index + 1n) % size })).toBe(size === 1n);
        expect(verifyInclusion({ ...claim, proof: [...claim.proof, claim.leaf] })).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: flip(claim.leaf, bit) })).toBe(false);
        expect(verifyInclusion({ ...claim, root: flip(claim.root, bit) })).toBe(false);
        if (claim.proof.length > 0) {
          expect(verifyInclusion({ ...claim, proof: flipOne(claim.proof, bit) })).toBe(false);
          expect(verifyInclusion({ ...claim, proof: claim.proof.slice(1) })).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('proves every earlier tree a prefix, and nothing else with the same proof', () => {
    fc.assert(
      fc.property(sizes, fc.bigInt({ min: 1n, max: BigInt(LEAVES) }), fc.nat(), (to, any, bit) => {
        const from = (any % to) + 1n;
        const claim = { from, to, fromRoot: tree.root(from), toRoot: tree.root(to), proof: tree.consistencyProof(from, to) };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, fromRoot: flip(claim.fromRoot, bit) })).toBe(false);
        expect(verifyConsistency({ ...claim, toRoot: flip(claim.toRoot, bit) })).toBe(false);
        expect(verifyConsistency({ ...claim, proof: [...claim.proof, claim.toRoot] })).toBe(false);
        if (claim.proof.length > 0) {
          expect(verifyConsistency({ ...claim, proof: flipOne(claim.proof, bit) })).toBe(false);
          expect(verifyConsistency({ ...claim, proof: claim.proof.slice(1) })).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('takes the empty tree for a prefix of every tree without proof, and only with its own root', () => {
    const claim = { from: 0n, to: 5n, fromRoot: new MerkleTree().root(), toRoot: tree.root(5n), proof: [] };
    expect(verifyConsistency(claim)).toBe(true);
    expect(verifyConsistency({ ...claim, fromRoot: tree.root(1n) })).toBe(false);
    expect(verifyConsistency({ ...claim, from: 5n, to: 4n })).toBe(false);
  });
});

function flip(hash: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(hash);
  const at = Math.floor(bit / 8) % flipped.length;
  flipped[at] = flipped[at]! ^ (1 << (bit % 8));
  return flipped;
}

function flipOne(proof: readonly Uint8Array[], bit: number): Uint8Array[] {
  const at = bit % proof.length;
  return proof.map((hash, index) => (index === at ? flip(hash, bit) : hash));
}
