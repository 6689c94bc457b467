import { TILE_WIDTH, tilePath, type TileId } from './tile.js';

/** Tiles by name, wherever they lie: a table, a folder, somebody's server. */
export interface TileSource {
  /**
   * One answer per id, in order. May give more hashes than the width asked for (a tile only grows), or undefined for a tile that is not
   * there.
   */
  tiles(ids: readonly TileId[]): Promise<readonly (Uint8Array | undefined)[]>;
}

/** Tiles of anything that serves paths as C2SP tlog-tiles lays them out. A partial tile may have been replaced by the full one. */
export function tilesByPath(read: (path: string) => Promise<Uint8Array | undefined>): TileSource {
  return {
    tiles: (ids) =>
      Promise.all(
        ids.map(async (id) => {
          const exact = await read(tilePath(id));
          return exact ?? (id.width < TILE_WIDTH ? read(tilePath({ ...id, width: TILE_WIDTH })) : undefined);
        }),
      ),
  };
}
