import { hash } from 'node:crypto';

/** Bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/**
 * RFC 6962 puts a different byte before leaves and before inner nodes, so that nobody can pass off a node as a leaf.
 */
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** Root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot: Uint8Array = sha256('');

/** SHA-256(0x00 ‖ entry), RFC 6962 §2.1. A string is taken as its UTF-8 bytes. */
export function hashLeaf(entry: Uint8Array | string): Uint8Array {
  // U+0000 is the byte 0x00 in UTF-8: one call into OpenSSL instead of a copy and a call.
  if (typeof entry === 'string') return sha256(`\0${entry}`);
  const input = Buffer.allocUnsafe(1 + entry.length);
  input[0] = LEAF_PREFIX;
  input.set(entry, 1);
  return sha256(input);
}

// One buffer for all node hashes of the thread: hashing is synchronous, so nothing can see it half filled.
const nodeInput = new Uint8Array(1 + 2 * HASH_BYTES);
nodeInput[0] = NODE_PREFIX;

/** SHA-256(0x01 ‖ left ‖ right), both 32 bytes; RFC 6962 §2.1. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 1 + HASH_BYTES);
  return sha256(nodeInput);
}

/** By way of a string of one character per byte: a Buffer that OpenSSL's binding makes costs several times the hashing of a node. */
function sha256(input: Uint8Array | string): Uint8Array {
  return Buffer.from(hash('sha256', input, 'binary'), 'latin1');
}

export function sameHash(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
