import { TransparencyError } from './errors.js';
import { HASH_BYTES } from './hash.js';

/** Hashes in a full tile. */
export const TILE_WIDTH = 256;
/** Levels of the tree that one tile spans: 2^8 = 256. */
export const TILE_HEIGHT = 8;

/**
 * Names a tile (C2SP tlog-tiles). A tile at level l holds hashes of subtrees of 256^l leaves; tile n holds those from n × 256 on.
 * A tile of a smaller width is a prefix of the same tile of a larger width: it never changes, it only grows.
 */
export interface TileId {
  readonly level: number;
  readonly index: bigint;
  /** Hashes in it, 1 to 256. */
  readonly width: number;
}

/** A tile with its hashes, 32 bytes each. */
export interface Tile extends TileId {
  readonly hashes: Uint8Array;
}

/** Which kind of resource a path names: hashes of a level, or the entries themselves. */
export type TilePath = ({ readonly kind: 'hashes' } & TileId) | ({ readonly kind: 'entries' } & Omit<TileId, 'level'>);

/** `tile/0/x001/234.p/5` */
export function tilePath({ level, index, width }: TileId): string {
  return `tile/${level}/${indexPath(index)}${widthSuffix(width)}`;
}

/** `tile/entries/x001/234.p/5` */
export function entriesPath({ index, width }: Omit<TileId, 'level'>): string {
  return `tile/entries/${indexPath(index)}${widthSuffix(width)}`;
}

const PATH = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
const MAX_LEVEL = 63;

/** Inverse of tilePath and entriesPath; throws MALFORMED. */
export function parseTilePath(path: string): TilePath {
  const match = PATH.exec(path);
  const [, kind, digits, partial] = match ?? [];
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  // Leading `x000` would give one tile many names.
  if (kind === undefined || digits === undefined || width > TILE_WIDTH || partial === '256' || digits.startsWith('x000')) {
    throw new TransparencyError('MALFORMED', `Not a path of a tile: ${path}`);
  }
  const index = BigInt(digits.replace(/[x/]/g, ''));
  if (kind === 'entries') return { kind, index, width };
  if (Number(kind) > MAX_LEVEL) throw new TransparencyError('MALFORMED', `A tile's level is at most ${MAX_LEVEL}: ${path}`);
  return { kind: 'hashes', level: Number(kind), index, width };
}

/** Width of a tile in a tree of `size` leaves; 0 when the tree does not reach it. */
export function tileWidth(level: number, index: bigint, size: bigint): number {
  const hashesAtLevel = size >> BigInt(level * TILE_HEIGHT);
  const width = hashesAtLevel - index * BigInt(TILE_WIDTH);
  return width <= 0n ? 0 : width >= BigInt(TILE_WIDTH) ? TILE_WIDTH : Number(width);
}

/** The `offset`-th hash of a tile. */
export function hashAt(hashes: Uint8Array, offset: number): Uint8Array {
  return hashes.subarray(offset * HASH_BYTES, (offset + 1) * HASH_BYTES);
}

function indexPath(index: bigint): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  return (padded.match(/\d{3}/g) ?? []).map((group, at, groups) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
}

function widthSuffix(width: number): string {
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}
