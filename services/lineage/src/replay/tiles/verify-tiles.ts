import { HASH_BYTES, hashAt, hashLeaf, sameHash, tilePath, TILE_WIDTH, TileWriter, type Checkpoint, type LogEntry, type Tile, type TileSource } from '@cairn/transparency';

/**
 * TILE_CHANGED      a stored hash is not the one that the events hash to.
 * TILE_MISSING      a tile is not there, or is narrower than the log is long.
 * LOG_NOT_VERIFIED  the events themselves are not what was signed, so tiles can't be judged by them: verify the log first.
 */
export type TileFinding = 'TILE_CHANGED' | 'TILE_MISSING' | 'LOG_NOT_VERIFIED';

export interface TileVerdict {
  readonly authentic: boolean;
  /** Of the checkpoint. */
  readonly size: bigint;
  readonly finding?: TileFinding;
  /** Path of the tile, as C2SP tlog-tiles names it, at its width in a tree of `size` leaves. */
  readonly tile?: string;
  /** First position that the wrong hash stands for; of a leaf tile, the event's own. */
  readonly firstBadPosition?: bigint;
}

/**
 * Compares every stored tile, of every level, with what the events hash to. A log can verify while its tiles do not: proofs made from an edited tile
 * fail at whoever checks them, and an event that is changed later could not be placed any more.
 *
 * Of several wrong hashes the one that stands for the lowest position is named, and of those at one position that of the lowest level.
 */
export async function verifyTiles(batches: AsyncIterable<readonly LogEntry[]>, checkpoint: Checkpoint, stored: TileSource): Promise<TileVerdict> {
  const { size } = checkpoint;
  const writer = new TileWriter();
  let bad: BadTile | undefined;
  for await (const batch of batches) {
    for (const { body } of batch) {
      if (writer.size < size) writer.append(hashLeaf(body));
    }
    bad = lowest(bad, await firstBad(writer.takeTiles(), stored));
    if (writer.size === size) break;
  }
  if (writer.size !== size || !sameHash(writer.root(), checkpoint.root)) return { authentic: false, size, finding: 'LOG_NOT_VERIFIED' };
  if (bad === undefined) return { authentic: true, size };
  return { authentic: false, size, finding: bad.finding, tile: tilePath(bad.tile), firstBadPosition: bad.position };
}

interface BadTile {
  readonly tile: Tile;
  readonly finding: TileFinding;
  readonly position: bigint;
}

async function firstBad(computed: readonly Tile[], source: TileSource): Promise<BadTile | undefined> {
  const stored = await source.tiles(computed);
  let bad: BadTile | undefined;
  for (const [at, tile] of computed.entries()) bad = lowest(bad, difference(tile, stored[at]));
  return bad;
}

function difference(tile: Tile, stored: Uint8Array | undefined): BadTile | undefined {
  if (stored === undefined || stored.length < tile.width * HASH_BYTES) return { tile, finding: 'TILE_MISSING', position: firstLeaf(tile, 0) };
  for (let offset = 0; offset < tile.width; offset += 1) {
    if (!sameHash(hashAt(stored, offset), hashAt(tile.hashes, offset))) return { tile, finding: 'TILE_CHANGED', position: firstLeaf(tile, offset) };
  }
  return undefined;
}

/** A hash of level l stands for 256^l leaves. */
function firstLeaf({ level, index }: Tile, offset: number): bigint {
  return (index * BigInt(TILE_WIDTH) + BigInt(offset)) * BigInt(TILE_WIDTH) ** BigInt(level);
}

function lowest(left: BadTile | undefined, right: BadTile | undefined): BadTile | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  if (left.position !== right.position) return left.position < right.position ? left : right;
  // The same tile at a later width replaces the narrower one, so that the path is the one which is served.
  return right.tile.level <= left.tile.level ? right : left;
}
