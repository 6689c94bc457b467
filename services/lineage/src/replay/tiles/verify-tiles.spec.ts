import { hashLeaf, MerkleTree, TILE_WIDTH, type LogEntry, type TileId, type TileSource } from '@cairn/transparency';
import { describe, expect, it } from 'vitest';
import { verifyTiles } from './verify-tiles.js';

const SIZE = 700;
const bodies = Array.from({ length: SIZE }, (_, at) => `event ${at}`);
const tree = new MerkleTree();
tree.append(...bodies.map((body) => hashLeaf(body)));
const checkpoint = { origin: 'log.example', size: BigInt(SIZE), root: tree.root() };

async function* entries(of: readonly string[] = bodies, batch = 100): AsyncGenerator<readonly LogEntry[]> {
  for (let from = 0; from < of.length; from += batch) yield of.slice(from, from + batch).map((body, at) => ({ position: BigInt(from + at), body }));
}

/** The tree's tiles, with one bit of one hash turned, or with a tile left out. */
function edited(level: number, index: bigint, offset: number | 'gone'): TileSource {
  const edit = (id: TileId, hashes: Uint8Array | undefined): Uint8Array | undefined => {
    if (id.level !== level || id.index !== index) return hashes;
    if (offset === 'gone' || hashes === undefined || hashes.length <= offset * 32) return offset === 'gone' ? undefined : hashes;
    const copy = hashes.slice();
    copy[offset * 32] = (copy[offset * 32] ?? 0) ^ 1;
    return copy;
  };
  return { tiles: async (ids) => (await tree.tiles(ids)).map((hashes, at) => edit(ids[at]!, hashes)) };
}

describe('verifyTiles', () => {
  it('finds nothing in the tiles of the log', async () => {
    expect(await verifyTiles(entries(), checkpoint, tree)).toEqual({ authentic: true, size: BigInt(SIZE) });
  });

  it.each([
    [0, 1n, 5, 'tile/0/001', 261n],
    [0, 2n, 187, 'tile/0/002.p/188', 699n],
    [1, 0n, 1, 'tile/1/000.p/2', 256n],
  ])('names a changed hash in a tile of level %i, index %i, place %i', async (level, index, offset, tile, firstBadPosition) => {
    expect(await verifyTiles(entries(), checkpoint, edited(level, index, offset))).toMatchObject({ finding: 'TILE_CHANGED', tile, firstBadPosition });
  });

  it('names a tile that is gone', async () => {
    expect(await verifyTiles(entries(), checkpoint, edited(0, 1n, 'gone'))).toMatchObject({
      authentic: false,
      finding: 'TILE_MISSING',
      tile: 'tile/0/001',
      firstBadPosition: BigInt(TILE_WIDTH),
    });
  });

  it('does not judge tiles by events that are not what was signed', async () => {
    const changed = bodies.with(3, 'another');
    expect(await verifyTiles(entries(changed), checkpoint, tree)).toMatchObject({ authentic: false, finding: 'LOG_NOT_VERIFIED' });
    expect(await verifyTiles(entries(bodies.slice(0, 600)), checkpoint, tree)).toMatchObject({ authentic: false, finding: 'LOG_NOT_VERIFIED' });
  });
});
