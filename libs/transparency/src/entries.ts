import { TransparencyError } from './errors.js';

/** An entry's length is written as uint16. */
export const MAX_ENTRY_BYTES = 65_535;

const LENGTH_BYTES = 2;

/** Entry bundle of C2SP tlog-tiles: every entry behind its length, uint16 big-endian. Throws MALFORMED for an entry above 65,535 bytes. */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = Buffer.alloc(entries.reduce((total, entry) => total + LENGTH_BYTES + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) {
      throw new TransparencyError('MALFORMED', `An entry has ${entry.length} bytes; a bundle holds at most ${MAX_ENTRY_BYTES}.`);
    }
    at = bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at);
    at += entry.length;
  }
  return bundle;
}

/** Inverse of encodeEntries; throws MALFORMED when the bundle ends in the middle of an entry. */
export function decodeEntries(bundle: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at + LENGTH_BYTES;
    const end = start <= bytes.length ? start + bytes.readUInt16BE(at) : Infinity;
    if (end > bytes.length) throw new TransparencyError('MALFORMED', `A bundle of entries ends in the middle of entry ${entries.length}.`);
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  return entries;
}
