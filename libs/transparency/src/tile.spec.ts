import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesPath, parseTilePath, tilePath, tileWidth } from './tile.js';

describe('tile paths', () => {
  it('writes the paths that C2SP tlog-tiles shows', () => {
    expect(tilePath({ level: 0, index: 1_234_067n, width: 256 })).toBe('tile/0/x001/x234/067');
    expect(tilePath({ level: 1, index: 0n, width: 17 })).toBe('tile/1/000.p/17');
    expect(entriesPath({ index: 273n, width: 112 })).toBe('tile/entries/273.p/112');
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.nat(63), fc.bigInt({ min: 0n, max: 2n ** 40n }), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
        expect(parseTilePath(tilePath({ level, index, width }))).toEqual({ kind: 'hashes', level, index, width });
        expect(parseTilePath(entriesPath({ index, width }))).toEqual({ kind: 'entries', index, width });
      }),
    );
  });

  it.each([
    'tile/0/1', 'tile/00/001', 'tile/64/001', 'tile/0/001.p/0', 'tile/0/001.p/256', 'tile/0/001.p/05', 'tile/0/x000/001', 'tile/0/../../key',
    'tile/data/001', 'tile/0/x1/001', '/tile/0/001',
  ])('refuses %s', (path) => {
    expect(() => parseTilePath(path)).toThrow();
  });

  it('has the widths of the tree of 70,000 that C2SP tlog-tiles gives as its example', () => {
    expect(tileWidth(0, 272n, 70_000n)).toBe(256);
    expect(tileWidth(0, 273n, 70_000n)).toBe(112);
    expect(tileWidth(1, 0n, 70_000n)).toBe(256);
    expect(tileWidth(1, 1n, 70_000n)).toBe(17);
    expect(tileWidth(2, 0n, 70_000n)).toBe(1);
    expect(tileWidth(2, 1n, 70_000n)).toBe(0);
  });
});
