import { HASH_BYTES, sameHash } from './hash.js';
import type { TileSource } from './tile-source.js';
import { TileWriter } from './tile-writer.js';
import { hashAt, TILE_WIDTH, tilePath, tileWidth, type Tile, type TileId } from './tile.js';

/**
 * TILE_CHANGED  a stored hash is not the one that it should be.
 * TILE_MISSING  the tile is not there, or is narrower than the log is long.
 */
export type TileFinding = 'TILE_CHANGED' | 'TILE_MISSING';

/** A stored tile that is not the log's. */
export interface BadTile {
  /** As C2SP tlog-tiles names it, at its width in the checkpoint's tree. */
  readonly path: string;
  readonly finding: TileFinding;
  /** First and last position that the tile is over. */
  readonly from: bigint;
  readonly to: bigint;
  /** First position that the wrong hash stands for; in a tile of leaves, the entry's own. */
  readonly firstBadPosition: bigint;
}

interface Difference {
  readonly tile: TileId;
  readonly offset: number;
  readonly finding: TileFinding;
}

// Hashes between two awaits while tiles are judged by themselves: about a millisecond.
const TILES_PER_FETCH = 4n;

/** Compares stored tiles of every level with those that a TileWriter makes, each once, when it is as wide as the checkpoint's tree has it. */
export class TileComparison {
  private lowest: Difference | undefined;
  private changedLeaf: bigint | undefined;
  private isBlind = false;
  /** By level: the last tile, which still grows. */
  private readonly growing = new Map<number, Tile>();

  constructor(
    private readonly stored: TileSource,
    private readonly size: bigint,
  ) {}

  /** Of several differences the one that stands for the lowest position, and of those at one position that of the lowest level. */
  get difference(): Difference | undefined {
    return this.lowest;
  }

  /** The first leaf that differs. Undefined where none does, and behind a tile of leaves that is missing: nothing can be said then about what comes first. */
  get firstChangedLeaf(): bigint | undefined {
    return this.changedLeaf;
  }

  /** To be called after each batch of leaves. */
  async take(writer: TileWriter): Promise<void> {
    const full: Tile[] = [];
    for (const tile of writer.takeTiles()) {
      if (tile.width === TILE_WIDTH) full.push(tile);
      else this.growing.set(tile.level, tile);
    }
    await this.compare(full);
  }

  /** To be called when no more leaves come. */
  async finish(writer: TileWriter): Promise<void> {
    await this.take(writer);
    await this.compare([...this.growing.values()].filter(({ level, index, width }) => width === tileWidth(level, index, writer.size)));
  }

  private async compare(tiles: readonly Tile[]): Promise<void> {
    if (tiles.length === 0) return;
    const found = await this.stored.tiles(tiles.map((tile) => this.wide(tile)));
    for (const [at, tile] of tiles.entries()) {
      const difference = this.differenceOf(tile, found[at]);
      if (difference === undefined) continue;
      if (this.lowest === undefined || isLower(difference, this.lowest)) this.lowest = difference;
      if (tile.level > 0 || this.changedLeaf !== undefined || this.isBlind) continue;
      if (difference.finding === 'TILE_MISSING') this.isBlind = true;
      else this.changedLeaf = firstLeaf(tile, difference.offset);
    }
  }

  private differenceOf(tile: Tile, stored: Uint8Array | undefined): Difference | undefined {
    const id = this.wide(tile);
    if (stored === undefined || stored.length < id.width * HASH_BYTES) return { tile: id, offset: 0, finding: 'TILE_MISSING' };
    if (sameHash(stored.subarray(0, tile.hashes.length), tile.hashes)) return undefined;
    let offset = 0;
    while (sameHash(hashAt(stored, offset), hashAt(tile.hashes, offset))) offset += 1;
    return { tile: id, offset, finding: 'TILE_CHANGED' };
  }

  private wide({ level, index }: TileId): TileId {
    return { level, index, width: tileWidth(level, index, this.size) };
  }
}

/**
 * Judges tiles by the signed root alone, where the entries are not what was signed. Leaves that hash to the root show for certain which tile above them is not the log's. Where
 * they do not, the lowest place at which a tile and the hash above it disagree is answered, and none where all was falsified alike.
 */
export async function judgeTiles(stored: TileSource, { size, root }: { readonly size: bigint; readonly root: Uint8Array }): Promise<{ verified: boolean; badTile?: BadTile }> {
  const writer = new TileWriter();
  const comparison = new TileComparison(stored, size);
  for (let index = 0n; tileWidth(0, index, size) > 0; index += TILES_PER_FETCH) {
    const ids: TileId[] = [];
    for (let next = index; next < index + TILES_PER_FETCH && tileWidth(0, next, size) > 0; next += 1n) ids.push({ level: 0, index: next, width: tileWidth(0, next, size) });
    const found = await stored.tiles(ids);
    for (const [at, tile] of ids.entries()) {
      const hashes = found[at];
      if (hashes === undefined || hashes.length < tile.width * HASH_BYTES) return { verified: false, badTile: badTile({ tile, offset: 0, finding: 'TILE_MISSING' }) };
      for (let offset = 0; offset < tile.width; offset += 1) writer.append(hashAt(hashes, offset));
    }
    await comparison.take(writer);
  }
  await comparison.finish(writer);
  const { difference } = comparison;
  if (sameHash(writer.root(), root)) return { verified: difference === undefined, ...(difference && { badTile: badTile(difference) }) };
  return { verified: false, ...(difference && { badTile: badTile(difference.finding === 'TILE_CHANGED' ? below(difference) : difference) }) };
}

export function badTile({ tile, offset, finding }: Difference): BadTile {
  const from = firstLeaf(tile, 0);
  return { path: tilePath(tile), finding, from, to: firstLeaf(tile, tile.width) - 1n, firstBadPosition: firstLeaf(tile, offset) };
}

/** The tile that the hash stands for. Tiles of leaves were compared with themselves, so there is one. */
function below({ tile: { level, index }, offset, finding }: Difference): Difference {
  return { tile: { level: level - 1, index: index * BigInt(TILE_WIDTH) + BigInt(offset), width: TILE_WIDTH }, offset: 0, finding };
}

/** A hash of level l stands for 256^l leaves. */
function firstLeaf({ level, index }: TileId, offset: number): bigint {
  return (index * BigInt(TILE_WIDTH) + BigInt(offset)) * BigInt(TILE_WIDTH) ** BigInt(level);
}

function isLower(left: Difference, right: Difference): boolean {
  const [one, other] = [firstLeaf(left.tile, left.offset), firstLeaf(right.tile, right.offset)];
  return one === other ? left.tile.level < right.tile.level : one < other;
}
