import { describe, expect, it } from 'vitest';
import { pieces, tagBytes } from './pieces.js';

const tag = (length: number, character = 'x') => ({ key: 'k', value: character.repeat(length) });

describe('pieces', () => {
  it('keeps the order and fills each piece', () => {
    const tags = [tag(15_000), tag(15_000), tag(15_000), tag(1)];
    expect(pieces(tags, tagBytes).map((piece) => piece.length)).toEqual([2, 2]);
    expect(pieces(tags, tagBytes).flat()).toEqual(tags);
  });

  it('gives a large item its own piece and loses nothing', () => {
    expect(pieces([tag(1), tag(50_000), tag(1)], tagBytes).map((piece) => piece.length)).toEqual([1, 1, 1]);
    expect(pieces([], tagBytes)).toEqual([]);
  });

  it('never counts less than the JSON takes', () => {
    for (const character of ['x', '\u0001', '"', '\\', 'é', '€', '😀']) {
      const some = tag(100, character);
      expect(tagBytes(some)).toBeGreaterThanOrEqual(Buffer.byteLength(JSON.stringify(some)));
    }
  });
});
