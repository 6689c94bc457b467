import { HASH_BYTES, hashAt, rightmostTiles, sameHash, TILE_WIDTH, tilePath, tileWidth, TileWriter, type Checkpoint, type TileId, type TileSource } from '@cairn/transparency';
import type { BundleFile } from './bundle-file.js';
import { refused } from './finding.js';

const WIDTH = BigInt(TILE_WIDTH);

/**
 * The tiles of a bundle, each compared with the signed root before anybody sees it. The partial tiles at the right edge make the root itself (RFC 6962 §2.1); every full
 * tile has its hash in a tile of the level above, from the top down. Tiles above level 0 stay in memory: 32 bytes for 256 events.
 */
export class AuthenticatedTiles implements TileSource {
  private readonly above = new Map<string, Uint8Array>();
  private readonly leafTiles = new Set<bigint>();

  private constructor(
    private readonly file: BundleFile,
    private readonly size: bigint,
  ) {}

  /** Throws BundleRefused TILE_CHANGED when the right edge is not the checkpoint's. */
  static async open(file: BundleFile, { size, root }: Checkpoint): Promise<AuthenticatedTiles> {
    const tiles = new AuthenticatedTiles(file, size);
    const edge = await Promise.all(rightmostTiles(size).map(async (tile) => ({ ...tile, hashes: await tiles.read(tile) })));
    if (!sameHash(TileWriter.resume(size, edge).root(), root)) {
      throw refused('TILE_CHANGED', 'The tiles at the end of the tree do not make the root that was signed.', { file: tilePath(edge[0] ?? { level: 0, index: 0n, width: 1 }) });
    }
    for (const { level, index, width, hashes } of edge) if (width < TILE_WIDTH) tiles.above.set(key(level, index), hashes);
    return tiles;
  }

  /** The tile as the tree of this size has it. Throws BundleRefused when it is missing or is not what the root says. */
  async tile(level: number, index: bigint): Promise<Uint8Array> {
    const known = this.above.get(key(level, index));
    if (known !== undefined) return known;
    const id = { level, index, width: tileWidth(level, index, this.size) };
    const hashes = await this.read(id);
    const parent = await this.tile(level + 1, index / WIDTH);
    if (!sameHash(rootOf(hashes), hashAt(parent, Number(index % WIDTH)))) throw changed(id);
    if (level > 0) this.above.set(key(level, index), hashes);
    else this.leafTiles.add(index);
    return hashes;
  }

  /** Those too that nothing has asked for yet. Answers how many there are. */
  async verifyAll(ids: Iterable<TileId>): Promise<number> {
    let count = 0;
    for (const { level, index } of ids) {
      if (level > 0 || !this.leafTiles.has(index)) await this.tile(level, index);
      count += 1;
    }
    return count;
  }

  /** Full tiles also where a smaller tree had partial ones; undefined for one that the bundle does not hold. */
  tiles(ids: readonly TileId[]): Promise<readonly (Uint8Array | undefined)[]> {
    return Promise.all(
      ids.map(async ({ level, index }) => {
        const width = tileWidth(level, index, this.size);
        return width > 0 && this.file.has(tilePath({ level, index, width })) ? this.tile(level, index) : undefined;
      }),
    );
  }

  private async read(id: TileId): Promise<Uint8Array> {
    const hashes = await this.file.read(tilePath(id));
    if (hashes.length !== id.width * HASH_BYTES) throw changed(id);
    return hashes;
  }
}

/** A full tile as one hash. */
function rootOf(hashes: Uint8Array): Uint8Array {
  const writer = new TileWriter();
  for (let offset = 0; offset < TILE_WIDTH; offset += 1) writer.append(hashAt(hashes, offset));
  return writer.root();
}

function changed(id: TileId): Error {
  const leaves = WIDTH ** BigInt(id.level);
  const first = id.index * WIDTH * leaves;
  const where = `It is over positions ${first} to ${first + BigInt(id.width) * leaves - 1n}.`;
  return refused('TILE_CHANGED', `The tile ${tilePath(id)} does not hash up to the root that was signed. ${where}`, { file: tilePath(id) });
}

function key(level: number, index: bigint): string {
  return `${level}/${index}`;
}
