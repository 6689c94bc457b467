import { TransparencyError } from './errors.js';
import { consistencyRanges, inclusionRanges } from './proof.js';
import { rangeHash, type LeafRange, type TileLookup } from './subtree.js';
import type { TileSource } from './tile-source.js';
import { TileWriter } from './tile-writer.js';
import { tilePath, type TileId } from './tile.js';

/** A whole tree in memory, 32 bytes per leaf: for copies that are checked offline, and for specs. A service keeps tiles instead. */
export class MerkleTree implements TileSource {
  private readonly writer = new TileWriter();
  private readonly stored = new Map<string, Uint8Array>();

  get size(): bigint {
    return this.writer.size;
  }

  append(...leaves: readonly Uint8Array[]): void {
    for (const leaf of leaves) this.writer.append(leaf);
  }

  /** Root over the first `size` leaves, by default over all. Throws OUT_OF_RANGE for a size that the tree does not have. */
  root(size = this.size): Uint8Array {
    this.demandSize(size);
    return rangeHash({ from: 0n, to: size }, size, this.lookup());
  }

  inclusionProof(index: bigint, size = this.size): Uint8Array[] {
    this.demandSize(size);
    return this.hash(inclusionRanges(index, size), size);
  }

  consistencyProof(from: bigint, to = this.size): Uint8Array[] {
    this.demandSize(to);
    return this.hash(consistencyRanges(from, to), to);
  }

  async tiles(ids: readonly TileId[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.keepTiles();
    return ids.map((id) => this.stored.get(key(id)));
  }

  private hash(ranges: readonly LeafRange[], size: bigint): Uint8Array[] {
    const lookup = this.lookup();
    return ranges.map((range) => rangeHash(range, size, lookup));
  }

  private lookup(): TileLookup {
    this.keepTiles();
    return (id) => {
      const hashes = this.stored.get(key(id));
      if (hashes === undefined) throw new TransparencyError('MISSING_TILE', `The tile ${tilePath(id)} is missing.`);
      return hashes;
    };
  }

  private keepTiles(): void {
    for (const tile of this.writer.takeTiles()) this.stored.set(key(tile), tile.hashes);
  }

  private demandSize(size: bigint): void {
    if (size < 0n || size > this.size) throw new TransparencyError('OUT_OF_RANGE', `The tree has ${this.size} leaves, not ${size}.`);
  }
}

function key({ level, index }: TileId): string {
  return `${level}/${index}`;
}
