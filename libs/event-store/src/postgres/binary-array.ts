import { leafHashHex } from '../record.js';

/** Types of array elements, by PostgreSQL's fixed object ids. */
const BYTEA = 17;
const INT8 = 20;
const TEXT = 25;
const FLOAT8 = 701;
const UUID = 2950;

const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const HASH_BYTES = 32;
const LEAF_PREFIX = 0;
const MAX_UTF8_BYTES_PER_UNIT = 3;

/*
 * One-dimensional arrays in PostgreSQL's binary format, as parameters of a statement that says their type. As text, every quote of a JSON body would be escaped here and unescaped
 * there, and every number written and parsed.
 */

export function textArray(texts: readonly string[]): Buffer {
  const buffer = arrayOf(TEXT, texts.length, texts.reduce((sum, text) => sum + LENGTH_BYTES + text.length * MAX_UTF8_BYTES_PER_UNIT, 0));
  let offset = HEADER_BYTES;
  for (const text of texts) {
    const written = buffer.write(text, offset + LENGTH_BYTES);
    buffer.writeInt32BE(written, offset);
    offset += LENGTH_BYTES + written;
  }
  return buffer.subarray(0, offset);
}

/**
 * The bodies as text[] and their leaf hashes as bytea[]; each hash covers the very bytes that are sent. `maxBytes`: at least as many as all bodies have
 * in UTF-8.
 */
export function bodyAndLeafArrays(texts: readonly string[], maxBytes: number): { readonly bodies: Buffer; readonly leaves: Buffer } {
  const bodies = arrayOf(TEXT, texts.length, maxBytes + texts.length * LENGTH_BYTES);
  const leaves = arrayOf(BYTEA, texts.length, texts.length * (LENGTH_BYTES + HASH_BYTES));
  let offset = HEADER_BYTES;
  let leafOffset = HEADER_BYTES;
  for (const text of texts) {
    const start = offset + LENGTH_BYTES;
    const end = start + bodies.write(text, start);
    // The byte in front is the prefix of the leaf until the length is written over it.
    bodies[start - 1] = LEAF_PREFIX;
    leaves.writeInt32BE(HASH_BYTES, leafOffset);
    leaves.write(leafHashHex(bodies.subarray(start - 1, end)), leafOffset + LENGTH_BYTES, 'hex');
    bodies.writeInt32BE(end - start, offset);
    offset = end;
    leafOffset += LENGTH_BYTES + HASH_BYTES;
  }
  return { bodies: bodies.subarray(0, offset), leaves };
}

export function bigintArray(numbers: readonly bigint[]): Buffer {
  return fixedArray(INT8, numbers, 8, (number, buffer, offset) => buffer.writeBigInt64BE(number, offset));
}

export function doubleArray(numbers: readonly number[]): Buffer {
  return fixedArray(FLOAT8, numbers, 8, (number, buffer, offset) => buffer.writeDoubleBE(number, offset));
}

export function uuidArray(ids: readonly string[]): Buffer {
  return fixedArray(UUID, ids, 16, (id, buffer, offset) => buffer.write(id.replaceAll('-', ''), offset, 'hex'));
}

function fixedArray<Item>(type: number, items: readonly Item[], itemBytes: number, write: (item: Item, buffer: Buffer, offset: number) => void): Buffer {
  const buffer = arrayOf(type, items.length, items.length * (LENGTH_BYTES + itemBytes));
  let offset = HEADER_BYTES;
  for (const item of items) {
    buffer.writeInt32BE(itemBytes, offset);
    write(item, buffer, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + itemBytes;
  }
  return buffer;
}

function arrayOf(type: number, length: number, contentBytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + contentBytes);
  const [dimensions, hasNulls, firstIndex] = [1, 0, 1];
  [dimensions, hasNulls, type, length, firstIndex].forEach((word, index) => buffer.writeInt32BE(word, index * 4));
  return buffer;
}
