import { describe, expect, it } from 'vitest';
import { HASH_BYTES } from './hash.js';
import { bytesOf, readVectors } from './testing/read-vectors.js';
import { verifyConsistency, verifyInclusion } from './verify.js';

interface InclusionVector {
  name: string;
  index: string;
  size: string;
  leaf: string;
  root: string;
  proof: string[];
  verifies: boolean;
}

interface ConsistencyVector {
  name: string;
  from: string;
  to: string;
  fromRoot: string;
  toRoot: string;
  proof: string[];
  verifies: boolean;
}

const vectors = readVectors('merkle-proofs') as { inclusion: InclusionVector[]; consistency: ConsistencyVector[] };

describe('the vectors of transparency-dev/merkle', () => {
  it('are all there', () => {
    expect(vectors.inclusion.filter(({ verifies }) => verifies)).toHaveLength(6);
    expect(vectors.inclusion.filter(({ verifies }) => !verifies)).toHaveLength(92);
    expect(vectors.consistency.filter(({ verifies }) => verifies)).toHaveLength(8);
    expect(vectors.consistency.filter(({ verifies }) => !verifies)).toHaveLength(89);
  });

  it.each(vectors.inclusion)('inclusion, $name: $verifies', ({ index, size, leaf, root, proof, verifies }) => {
    const claim = { leaf: bytesOf(leaf), index: BigInt(index), size: BigInt(size), root: bytesOf(root), proof: proof.map(bytesOf) };
    expect(verifyInclusion(claim)).toBe(verifies);
  });

  it.each(vectors.consistency)('consistency, $name: $verifies', ({ from, to, fromRoot, toRoot, proof, verifies }) => {
    const claim = { from: BigInt(from), fromRoot: bytesOf(fromRoot), to: BigInt(to), toRoot: bytesOf(toRoot), proof: proof.map(bytesOf) };
    // Theirs takes any two equal texts for the roots of equal trees, and any root for that of the empty tree; ours takes hashes only.
    const hashes = claim.fromRoot.length === HASH_BYTES && claim.toRoot.length === HASH_BYTES;
    expect(verifyConsistency(claim)).toBe(verifies && hashes);
  });

  it('are refused beyond theirs in three cases, none of which has a hash for a root', () => {
    const stricter = vectors.consistency.filter(({ verifies, fromRoot }) => verifies && bytesOf(fromRoot).length !== HASH_BYTES);
    expect(stricter.map(({ from, to }) => [from, to])).toEqual([['0', '0'], ['0', '1'], ['1', '1']]);
  });
});
