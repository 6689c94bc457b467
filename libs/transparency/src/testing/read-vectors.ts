import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of `vectors/`; what it holds is the business of the spec that reads it. */
export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, 'vectors', `${name}.json`), 'utf8'));
}

export function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
