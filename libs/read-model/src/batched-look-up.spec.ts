import { describe, expect, it } from 'vitest';
import { BatchedLookUp } from './batched-look-up.js';

/** A look-up whose statements end when the spec says so. */
function heldBack() {
  const statements: { keys: readonly string[]; end: () => void; fail: () => void }[] = [];
  const lookUp = new BatchedLookUp<string>(
    (keys) =>
      new Promise((resolve, reject) => {
        const end = (): void => resolve(new Map(keys.filter((key) => key !== 'absent').map((key) => [key, `row ${key}`])));
        statements.push({ keys, end, fail: () => reject(new Error('lost')) });
      }),
  );
  return { lookUp, statements };
}

describe('a batched look-up', () => {
  it('asks at once for the first, and together for those that come meanwhile', async () => {
    const { lookUp, statements } = heldBack();
    const found = ['a', 'b', 'c', 'd', 'c', 'absent'].map((key) => lookUp.find(key));
    expect(statements.map(({ keys }) => keys)).toEqual([['a'], ['b']]);
    statements[0]!.end();
    expect(await found[0]).toBe('row a');
    expect(statements[2]!.keys).toEqual(['c', 'd', 'absent']);
    statements[1]!.end();
    statements[2]!.end();
    expect(await Promise.all(found)).toEqual(['row a', 'row b', 'row c', 'row d', 'row c', undefined]);
  });

  it('begins no statement for a key before it was asked for', async () => {
    const { lookUp, statements } = heldBack();
    const first = lookUp.find('a');
    const again = lookUp.find('a');
    expect(statements).toHaveLength(2);
    for (const { end } of statements) end();
    expect(await Promise.all([first, again])).toEqual(['row a', 'row a']);
  });

  it('tells a failure to those whom it met, and to nobody else', async () => {
    const { lookUp, statements } = heldBack();
    const [a, b, c] = ['a', 'b', 'c'].map((key) => lookUp.find(key));
    statements[0]!.fail();
    await expect(a).rejects.toThrow('lost');
    statements[1]!.end();
    statements[2]!.end();
    expect(await Promise.all([b, c])).toEqual(['row b', 'row c']);
  });
});
