import { emptyRoot, HASH_BYTES, hashNode, sameHash } from './hash.js';

export interface InclusionClaim {
  /** Hash of the leaf, see hashLeaf. */
  readonly leaf: Uint8Array;
  readonly index: bigint;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** RFC 9162 §2.1.3.2. False for anything that is no proof of the claim, whatever its shape. */
export function verifyInclusion({ leaf, index, size, root, proof }: InclusionClaim): boolean {
  if (index < 0n || index >= size || !wellFormed([leaf, root, ...proof])) return false;
  let node = index;
  let last = size - 1n;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0n) return false;
    if (odd(node) || node === last) {
      hash = hashNode(sibling, hash);
      while (!odd(node) && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      hash = hashNode(hash, sibling);
    }
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n && sameHash(hash, root);
}

export interface ConsistencyClaim {
  readonly from: bigint;
  readonly fromRoot: Uint8Array;
  readonly to: bigint;
  readonly toRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** RFC 9162 §2.1.4.2, and the two cases that need no proof: the empty tree, and equal trees. False for anything else that is no proof. */
export function verifyConsistency({ from, fromRoot, to, toRoot, proof }: ConsistencyClaim): boolean {
  if (from < 0n || from > to || !wellFormed([fromRoot, toRoot, ...proof])) return false;
  if (from === to) return proof.length === 0 && sameHash(fromRoot, toRoot);
  if (from === 0n) return proof.length === 0 && sameHash(fromRoot, emptyRoot);

  let node = from - 1n;
  let last = to - 1n;
  while (odd(node)) {
    node >>= 1n;
    last >>= 1n;
  }
  // When the old tree is a complete subtree its root is the first hash, and no prover has to send it.
  const [seed, ...rest] = node === 0n ? [fromRoot, ...proof] : proof;
  if (seed === undefined) return false;
  let oldHash = seed;
  let newHash = seed;
  for (const sibling of rest) {
    if (last === 0n) return false;
    if (odd(node) || node === last) {
      oldHash = hashNode(sibling, oldHash);
      newHash = hashNode(sibling, newHash);
      while (!odd(node) && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else {
      newHash = hashNode(newHash, sibling);
    }
    node >>= 1n;
    last >>= 1n;
  }
  return last === 0n && sameHash(oldHash, fromRoot) && sameHash(newHash, toRoot);
}

function odd(value: bigint): boolean {
  return (value & 1n) === 1n;
}

function wellFormed(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}
