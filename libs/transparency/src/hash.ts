import { createHash, hash as hashOnce } from 'node:crypto';

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/**
 * RFC 6962 puts a different byte before leaves and before inner nodes, so that nobody can pass off a node as a leaf.
 */
const LEAF_PREFIX = Uint8Array.of(0x00);
const NODE_PREFIX_BYTE = 0x01;

/** Root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot: Uint8Array = createHash('sha256').digest();

/** SHA-256(0x00 ‖ entry). A string is taken as its UTF-8 bytes. */
export function hashLeaf(entry: Uint8Array | string): Uint8Array {
  return createHash('sha256').update(LEAF_PREFIX).update(entry).digest();
}

// One buffer for all node hashes of the thread: hashing is synchronous, so nothing can see it half filled.
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = NODE_PREFIX_BYTE;

/** SHA-256(0x01 ‖ left ‖ right), both 32 bytes. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return hashOnce('sha256', nodeInput, 'buffer');
}

export function sameHash(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
