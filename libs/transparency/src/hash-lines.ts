import { HASH_BYTES } from './hash.js';
import { decodeBase64 } from './note.js';

/** Both formats with proofs in them (tlog-proof, tlog-witness) allow no more: no tree is deeper. */
const MAX_HASHES = 63;

export function formatHashLines(hashes: readonly Uint8Array[]): string {
  return hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
}

/** Undefined when there are too many lines, or one is not 32 bytes in canonical base64. */
export function parseHashLines(lines: readonly string[]): Uint8Array[] | undefined {
  if (lines.length > MAX_HASHES) return undefined;
  const hashes = lines.map((line) => decodeBase64(line));
  return hashes.every((hash) => hash?.length === HASH_BYTES) ? hashes.filter((hash) => hash !== undefined) : undefined;
}
