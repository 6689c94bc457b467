import { HASH_BYTES, type Tile, type TileId, type TileSource } from '@cairn/transparency';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** The last checkpoint that was published. */
export interface PublishedCheckpoint {
  readonly size: bigint;
  /** The signed note, as it is served. */
  readonly note: string;
}

export interface TreeHead {
  /** Leaves whose hashes are in the stored tiles. */
  readonly treeSize: bigint;
  readonly published: PublishedCheckpoint | undefined;
}

interface HeadRow {
  readonly tree_size: string;
  readonly signed_size: string;
  readonly note: string | null;
}

/** Tiles and head of the tree, in the service's schema. A row is a tile at its widest: a narrower one is the beginning of it. */
@Injectable()
export class TreeStore implements TileSource {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async head(): Promise<TreeHead> {
    const [row] = await this.dataSource.query<HeadRow[]>('SELECT tree_size, signed_size, note FROM log_head');
    if (row === undefined) throw new TypeError('the head row is gone');
    const published = row.note === null ? undefined : { size: BigInt(row.signed_size), note: row.note };
    return { treeSize: BigInt(row.tree_size), published };
  }

  async tiles(ids: readonly TileId[]): Promise<readonly (Uint8Array | undefined)[]> {
    if (ids.length === 0) return [];
    const rows = await this.dataSource.query<{ level: number; index: string; hashes: Buffer }[]>(
      'SELECT level, index, hashes FROM log_tile JOIN unnest($1::int[], $2::bigint[]) AS wanted (level, index) USING (level, index)',
      [ids.map(({ level }) => level), ids.map(({ index }) => String(index))],
    );
    const found = new Map(rows.map(({ level, index, hashes }) => [`${level}/${index}`, hashes]));
    return ids.map(({ level, index, width }) => {
      const hashes = found.get(`${level}/${index}`);
      return hashes === undefined || hashes.length < width * HASH_BYTES ? undefined : hashes;
    });
  }

  /**
   * Moves the tree from one size to the next; tiles and head commit together. False when the tree is not at `from` any more: another process moved it.
   */
  async grow(from: bigint, to: bigint, tiles: readonly Tile[]): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const [, moved] = await manager.query<[unknown, number]>('UPDATE log_head SET tree_size = $2 WHERE tree_size = $1', [String(from), String(to)]);
      if (moved === 0) return false;
      await manager.query(
        `INSERT INTO log_tile (level, index, hashes) SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])
         ON CONFLICT (level, index) DO UPDATE SET hashes = EXCLUDED.hashes WHERE length(EXCLUDED.hashes) > length(log_tile.hashes)`,
        [tiles.map(({ level }) => level), tiles.map(({ index }) => String(index)), tiles.map(({ hashes }) => Buffer.from(hashes))],
      );
      return true;
    });
  }

  /** An older checkpoint never replaces a newer one. One of the same size, which has other signatures, does so only with `replace`. */
  async publish({ size, note }: PublishedCheckpoint, sameSize: 'keep' | 'replace' = 'keep'): Promise<void> {
    await this.dataSource.query('UPDATE log_head SET signed_size = $1, note = $2 WHERE signed_size < $1 OR note IS NULL OR ($3 AND signed_size = $1)', [
      String(size), note, sameSize === 'replace',
    ]);
  }
}
