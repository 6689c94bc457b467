import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashLeaf } from './hash.js';
import { MerkleTree } from './merkle-tree.js';
import type { TileSource } from './tile-source.js';
import type { TileId } from './tile.js';
import { verifyLog, type LogEntry } from './verify-log.js';

const SIZE = 700;
const bodies = Array.from({ length: SIZE }, (_, at) => `event ${at}`);
const tree = new MerkleTree();
tree.append(...bodies.map((body) => hashLeaf(body)));
const checkpoint = { origin: 'log.example', size: BigInt(SIZE), root: tree.root() };

async function* entries(of: readonly string[] = bodies, batch = 100): AsyncGenerator<readonly LogEntry[]> {
  for (let from = 0; from < of.length; from += batch) yield of.slice(from, from + batch).map((body, at) => ({ position: BigInt(from + at), body }));
}

/** The tree's tiles, with one bit of one hash turned, or with a tile left out. */
function edited(level: number, index: bigint, offset: number | 'gone', of: TileSource = tree): TileSource {
  const edit = (id: TileId | undefined, hashes: Uint8Array | undefined): Uint8Array | undefined => {
    if (id?.level !== level || id.index !== index || hashes === undefined) return hashes;
    if (offset === 'gone') return undefined;
    const copy = hashes.slice();
    copy[offset * 32] = (copy[offset * 32] ?? 0) ^ 1;
    return copy;
  };
  return { tiles: async (ids) => (await of.tiles(ids)).map((hashes, at) => edit(ids[at], hashes)) };
}

const places = [
  [0, 1n, 5, 'tile/0/001', 256n, 511n, 261n],
  [0, 2n, 187, 'tile/0/002.p/188', 512n, 699n, 699n],
  [1, 0n, 1, 'tile/1/000.p/2', 0n, 511n, 256n],
] as const;

describe('tiles of a log whose entries are what was signed', () => {
  it.each(places)('name a changed hash at level %i, index %i, place %i', async (level, index, offset, path, from, to, firstBadPosition) => {
    expect(await verifyLog(entries(), checkpoint, edited(level, index, offset))).toEqual({
      verified: false,
      entriesVerified: true,
      tilesVerified: false,
      size: checkpoint.size,
      root: checkpoint.root,
      badTile: { path, finding: 'TILE_CHANGED', from, to, firstBadPosition },
    });
  });

  it('name the first of several, and of two at one place the lower one', async () => {
    const twice = edited(0, 2n, 3, edited(0, 1n, 9));
    expect(await verifyLog(entries(), checkpoint, twice)).toMatchObject({ badTile: { path: 'tile/0/001', firstBadPosition: 265n } });
    expect(await verifyLog(entries(), checkpoint, edited(1, 0n, 1, edited(0, 1n, 0)))).toMatchObject({ badTile: { path: 'tile/0/001', firstBadPosition: 256n } });
  });

  it('name one that is gone, or too narrow', async () => {
    const missing = { finding: 'TILE_MISSING', path: 'tile/0/001', from: 256n, to: 511n, firstBadPosition: 256n };
    expect(await verifyLog(entries(), checkpoint, edited(0, 1n, 'gone'))).toMatchObject({ entriesVerified: true, badTile: missing });
    const narrow: TileSource = { tiles: async (ids) => (await tree.tiles(ids)).map((hashes, at) => (ids[at]?.index === 1n ? hashes?.subarray(0, 255 * 32) : hashes)) };
    expect(await verifyLog(entries(), checkpoint, narrow)).toMatchObject({ entriesVerified: true, badTile: missing });
  });

  it('are asked for once each, as wide as the checkpoint has them, however the log is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 900 }), async (batch) => {
        const asked: string[] = [];
        const counting: TileSource = {
          tiles: (ids) => {
            asked.push(...ids.map(({ level, index, width }) => `${level}/${index}/${width}`));
            return tree.tiles(ids);
          },
        };
        expect(await verifyLog(entries(bodies, batch), checkpoint, counting)).toMatchObject({ verified: true });
        expect(asked.sort()).toEqual(['0/0/256', '0/1/256', '0/2/188', '1/0/2']);
      }),
      { numRuns: 20 },
    );
  });
});

describe('tiles of a log whose entries are not', () => {
  const changed = bodies.with(3, 'another');

  it('are judged by the root, and show where the entries were changed', async () => {
    expect(await verifyLog(entries(changed), checkpoint, tree)).toMatchObject({ entriesVerified: false, tilesVerified: true, firstBadPosition: 3n });
    expect(await verifyLog(entries(bodies.slice(0, 600)), checkpoint, tree)).toMatchObject({ tilesVerified: true, firstBadPosition: 600n, finding: 'MISSING' });
  });

  it('name the edited one above the leaves for certain', async () => {
    expect(await verifyLog(entries(changed), checkpoint, edited(1, 0n, 1))).toMatchObject({
      firstBadPosition: 3n,
      tilesVerified: false,
      badTile: { path: 'tile/1/000.p/2', finding: 'TILE_CHANGED', firstBadPosition: 256n },
    });
  });

  it('name the edited one of leaves by the hash above it', async () => {
    expect(await verifyLog(entries(changed), checkpoint, edited(0, 1n, 7))).toMatchObject({
      firstBadPosition: 3n,
      tilesVerified: false,
      badTile: { path: 'tile/0/001', finding: 'TILE_CHANGED', from: 256n, to: 511n },
    });
  });

  it('name one that is gone, and then no position behind it', async () => {
    const verdict = await verifyLog(entries(bodies.with(300, 'another')), checkpoint, edited(0, 0n, 'gone'));
    expect(verdict).toMatchObject({ tilesVerified: false, badTile: { path: 'tile/0/000', finding: 'TILE_MISSING' } });
    expect(verdict.firstBadPosition).toBeUndefined();
  });
});
