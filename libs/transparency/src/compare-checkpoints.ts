import type { Checkpoint } from './checkpoint.js';
import { HASH_BYTES, sameHash } from './hash.js';
import type { TileSource } from './tile-source.js';
import { hashAt, TILE_HEIGHT, TILE_WIDTH, tileWidth } from './tile.js';
import { verifyConsistency } from './verify.js';

/**
 * SAME         both commit to the same log.
 * CONTINUED    the shown one is proved to go on from the kept one.
 * OLDER        the shown one is behind the kept one: an old checkpoint shown again, or a log that was cut.
 * FORKED       no log has both: the log's key signed two histories.
 * UNPROVED     the sizes differ, and no proof was given.
 * ANOTHER_LOG  the origins differ: nothing can be said.
 */
export type CheckpointRelation = 'SAME' | 'CONTINUED' | 'OLDER' | 'FORKED' | 'UNPROVED' | 'ANOTHER_LOG';

/**
 * What an auditor learns from two checkpoints whose signatures have been checked (openCheckpoint): one that was kept, one that is shown now, to the
 * same auditor or to another. `proof` is the consistency proof between their sizes, from whoever shows. A proof that fails counts as a fork: who
 * signed both must be able to prove. Of an older one without a proof only that it is older is known.
 */
export function compareCheckpoints(kept: Checkpoint, shown: Checkpoint, proof?: readonly Uint8Array[]): CheckpointRelation {
  if (kept.origin !== shown.origin) return 'ANOTHER_LOG';
  if (kept.size === shown.size) return sameHash(kept.root, shown.root) ? 'SAME' : 'FORKED';
  const [small, large] = kept.size < shown.size ? [kept, shown] : [shown, kept];
  const isOlder = shown === small;
  if (proof === undefined) return isOlder ? 'OLDER' : 'UNPROVED';
  if (!verifyConsistency({ from: small.size, fromRoot: small.root, to: large.size, toRoot: large.root, proof })) return 'FORKED';
  return isOlder ? 'OLDER' : 'CONTINUED';
}

/**
 * The first leaf below `size` that two copies of the tiles disagree on; undefined when they agree. Descends from the top, so that a log of 16
 * million events takes three tiles of each. It is certain when each side's tiles hash to its own signed root (rootFrom), which the caller checks.
 * A tile that one side lacks counts as a disagreement at its first leaf.
 */
export async function firstDifferingLeaf(left: TileSource, right: TileSource, size: bigint): Promise<bigint | undefined> {
  let level = 0;
  while (size >> BigInt((level + 1) * TILE_HEIGHT) > 0n) level += 1;
  // Hashes of this level below `next` stand for leaves that both sides agree on.
  let next = 0n;
  for (; level >= 0; level -= 1) {
    const index = next / BigInt(TILE_WIDTH);
    const width = tileWidth(level, index, size);
    if (width > 0) {
      const id = { level, index, width };
      const [[mine], [yours]] = await Promise.all([left.tiles([id]), right.tiles([id])]);
      const offset = firstDifference(mine, yours, width);
      if (offset < width && level === 0) return index * BigInt(TILE_WIDTH) + BigInt(offset);
      next = index * BigInt(TILE_WIDTH) + BigInt(offset);
    }
    // What is to be looked at one level down: the children of the hash that differs, or what no hash of this level stands for.
    next *= BigInt(TILE_WIDTH);
  }
  return undefined;
}

/** Place of the first hash that differs; `width` when none does. */
function firstDifference(left: Uint8Array | undefined, right: Uint8Array | undefined, width: number): number {
  const bytes = width * HASH_BYTES;
  if (left === undefined || right === undefined || left.length < bytes || right.length < bytes) return 0;
  for (let offset = 0; offset < width; offset += 1) {
    if (!sameHash(hashAt(left, offset), hashAt(right, offset))) return offset;
  }
  return width;
}
