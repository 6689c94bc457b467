import { describe, expect, it } from 'vitest';
import { keyOfToken, pageOf } from './page.js';

const keyOf = (row: string) => row;

describe('pages', () => {
  it('have a token when there is more', () => {
    const page = pageOf(['a', 'b', 'c'], 2, (row) => row.toUpperCase(), keyOf);
    expect(page.items).toEqual(['A', 'B']);
    expect(keyOfToken(page.next_page_token)).toBe('b');
  });

  it('have none at the end', () => {
    expect(pageOf(['a', 'b'], 2, keyOf, keyOf)).toEqual({ items: ['a', 'b'] });
    expect(pageOf([], 2, keyOf, keyOf)).toEqual({ items: [] });
    expect(keyOfToken(undefined)).toBeUndefined();
    expect(keyOfToken('')).toBeUndefined();
  });

  it('refuse a token that nobody gave out', () => {
    expect(() => keyOfToken('not base64!')).toThrow(expect.objectContaining({ code: 'INVALID_PAGE_TOKEN', kind: 'invalid' }));
  });
});
