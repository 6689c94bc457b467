import { describe, expect, it } from 'vitest';
import { merged } from './merged.js';

async function* of(...items: readonly number[]): AsyncGenerator<number, void> {
  for (const item of items) yield item;
}

async function read(source: AsyncIterable<number>): Promise<number[]> {
  const items: number[] = [];
  for await (const item of source) items.push(item);
  return items;
}

describe('merged', () => {
  it('has everything that its sources have, each in its order', async () => {
    const items = await read(merged(of(1, 2, 3), of(), of(10, 20)));
    expect(items.filter((item) => item < 10)).toEqual([1, 2, 3]);
    expect(items.filter((item) => item >= 10)).toEqual([10, 20]);
    expect(await read(merged())).toEqual([]);
  });

  it('does not wait for a source that has nothing', async () => {
    let end: () => void = () => undefined;
    const silent = async function* (): AsyncGenerator<number, void> {
      yield* await new Promise<never[]>((resolve) => (end = () => resolve([])));
    };
    const source = merged(silent(), of(1, 2));
    expect([(await source.next()).value, (await source.next()).value]).toEqual([1, 2]);
    const rest = read(source);
    end();
    expect(await rest).toEqual([]);
  });

  it('fails when a source does', async () => {
    const broken = async function* (): AsyncGenerator<number, void> {
      yield 1;
      throw new Error('broken');
    };
    await expect(read(merged(broken(), of(1)))).rejects.toThrow('broken');
  });
});
