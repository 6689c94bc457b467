/**
 * Where a key falls in [0, 1) for a rollout: the same key at the same place as long as the rollout lasts, so that a caller who is in the canary at 10 %
 * is in it at 25 % too. Another rollout takes other callers. FNV-1a over UTF-16 units, mixed by MurmurHash3's finaliser, since FNV alone leaves
 * keys that differ at the end close together.
 */
export function shareOf(rolloutId: string, key: string): number {
  let hash = 0x811c9dc5;
  for (const text of [rolloutId, '\n', key]) {
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
