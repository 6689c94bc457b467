import { randomFillSync } from 'node:crypto';

/** Asking the system for random bytes costs more than the bytes: they are fetched for many ids at once. */
const pool = Buffer.alloc(8_192);
let used = pool.length;

/** Random bytes, at most 8,192, as a view that is good until the next call. For ids, not for keys. */
export function pooledRandom(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.subarray(used - bytes, used);
}
