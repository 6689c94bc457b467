import { HASH_BYTES, MAX_ENTRY_BYTES, parseTilePath, TILE_WIDTH, tileWidth, TransparencyError, type TileId, type TilePath } from '@cairn/transparency';

/** Names of the files that are there once. */
export const names = {
  readme: 'README.txt',
  manifest: 'bundle.json',
  checkpoint: 'checkpoint',
  key: 'keys/log',
  policy: 'policy',
  schemas: 'schemas/events.binpb',
} as const;

/** Files in one bundle; some 30 million events. The names are held in memory. */
export const MAX_FILES = 262_144;
export const MAX_EARLIER_CHECKPOINTS = 1_000;
/** The tree of a log with so many events has tiles on 8 levels. */
const MAX_LEVELS = 8;
const SMALL_BYTES = 64 * 1024;
const POLICY_BYTES = 1024 * 1024;
const SCHEMA_BYTES = 64 * 1024 * 1024;
const ENTRY_LENGTH_BYTES = 2;
const EARLIER = /^earlier-checkpoints\/(0|[1-9]\d{0,18})$/;

/** What a bundle is of: the events of [from, to) in the tree of `size`, and earlier trees that it proves to be beginnings of this one. */
export interface BundleScope {
  readonly from: bigint;
  readonly to: bigint;
  readonly size: bigint;
  readonly earlierSizes: readonly bigint[];
}

export function earlierName(size: bigint): string {
  return `earlier-checkpoints/${size}`;
}

/** The size in the name of an earlier checkpoint; undefined for other names. */
export function earlierSizeOf(name: string): bigint | undefined {
  const size = EARLIER.exec(name)?.[1];
  return size === undefined ? undefined : BigInt(size);
}

/** Bundles of entries that overlap the range, in order. */
export function* entryTiles({ from, to, size }: BundleScope): Generator<Omit<TileId, 'level'>> {
  const width = BigInt(TILE_WIDTH);
  for (let index = from / width; index * width < to; index += 1n) yield { index, width: tileWidth(0, index, size) };
}

/**
 * Tiles that the bundle needs, in order: those of the range, and what the roots are made from. Of level 0 these are the rightmost one while it is partial, and the
 * one in which an earlier tree ends; of the levels above, all.
 */
export function* hashTiles(scope: BundleScope): Generator<TileId> {
  const { from, to, size } = scope;
  const width = BigInt(TILE_WIDTH);
  const below = extraLeafTiles(scope).filter((index) => index < from / width);
  const above = extraLeafTiles(scope).filter((index) => index * width >= to);
  for (const index of below) yield { level: 0, index, width: tileWidth(0, index, size) };
  for (const tile of entryTiles(scope)) yield { level: 0, ...tile };
  for (const index of above) yield { level: 0, index, width: tileWidth(0, index, size) };
  for (let level = 1; level < MAX_LEVELS; level += 1) {
    for (let index = 0n; tileWidth(level, index, size) > 0; index += 1n) yield { level, index, width: tileWidth(level, index, size) };
  }
}

/** The files of a scope, but for the policy, which may be absent. Counted without listing them. */
export function countFiles(scope: BundleScope): bigint {
  const { from, to, size, earlierSizes } = scope;
  const width = BigInt(TILE_WIDTH);
  const inRange = (to + width - 1n) / width - from / width;
  let above = 0n;
  for (let hashes = size / width; hashes > 0n; hashes /= width) above += (hashes + width - 1n) / width;
  return 6n + BigInt(earlierSizes.length) * 2n + 1n + 2n * inRange + above;
}

/** Whether a file of this name belongs into the bundle. */
export function belongs(name: string, scope: BundleScope): boolean {
  if (Object.values(names).some((known) => known === name) || earlierSizeOf(name) !== undefined) return true;
  const tile = parsed(name);
  if (tile === undefined || tile.width !== tileWidth(tile.kind === 'entries' ? 0 : tile.level, tile.index, scope.size)) return false;
  const inRange = tile.index >= scope.from / BigInt(TILE_WIDTH) && tile.index * BigInt(TILE_WIDTH) < scope.to;
  return tile.kind === 'entries' ? inRange : tile.level > 0 || inRange || extraLeafTiles(scope).includes(tile.index);
}

/** More bytes than a file of this name can have are not read. */
export function maxBytesOf(name: string): number {
  const tile = parsed(name);
  if (tile?.kind === 'hashes') return tile.width * HASH_BYTES;
  if (tile?.kind === 'entries') return tile.width * (ENTRY_LENGTH_BYTES + MAX_ENTRY_BYTES);
  return name === names.schemas ? SCHEMA_BYTES : name === names.policy ? POLICY_BYTES : SMALL_BYTES;
}

/** Ascending. */
function extraLeafTiles({ size, earlierSizes }: BundleScope): bigint[] {
  const width = BigInt(TILE_WIDTH);
  const ends = [size, ...earlierSizes].filter((end) => end <= size && end % width !== 0n).map((end) => end / width);
  return [...new Set(ends)].sort((a, b) => (a < b ? -1 : 1));
}

function parsed(name: string): TilePath | undefined {
  try {
    return parseTilePath(name);
  } catch (error) {
    if (error instanceof TransparencyError) return undefined;
    throw error;
  }
}
