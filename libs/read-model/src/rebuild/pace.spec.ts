import { describe, expect, it } from 'vitest';
import { Pace } from './pace.js';

describe('a pace', () => {
  it('rests in proportion to the work', () => {
    const pace = new Pace({ most: 250, restPerWork: 2 });
    expect(pace.restMs(50, 3)).toBe(6);
    expect(pace.restMs(150, 6)).toBe(12);
    expect(pace.restMs(0, 4)).toBe(8);
  });

  it('rests longer, in proportion, when the same takes longer, and never for ever', () => {
    const pace = new Pace({ most: 250, restPerWork: 1 });
    pace.restMs(25, 2);
    const busy = pace.restMs(25, 5);
    expect(busy / 5).toBeGreaterThan(2.4);
    expect(busy / 5).toBeLessThanOrEqual(2.5);
    expect(pace.restMs(25, 20)).toBe(60);
    expect(pace.restMs(25, 4_000)).toBe(100);
  });

  it('grows its slices up to a few milliseconds or the most that is wanted, and shrinks them when they take longer', () => {
    const pace = new Pace({ most: 300, restPerWork: 1 });
    const sizes: number[] = [];
    for (const perItemMs of [0.02, 0.02, 0.02, 0.02, 0.01, 0.01, 0.05, 0.5]) {
      sizes.push(pace.size);
      // A slice costs as much as fifty items before it has any.
      pace.restMs(pace.size, (50 + pace.size) * perItemMs);
    }
    expect([...sizes, pace.size]).toEqual([40, 80, 150, 150, 150, 300, 300, 40, 40]);
  });

  it('does not take small slices for slow ones', () => {
    const pace = new Pace({ most: 1_000, restPerWork: 1 });
    expect([1_000, 25, 500, 25].map((items) => pace.restMs(items, (50 + items) * 0.01) / ((50 + items) * 0.01))).toEqual([1, 1, 1, 1]);
  });

  it('takes what is slow for ever for usual in the end', () => {
    const pace = new Pace({ most: 250, restPerWork: 1 });
    pace.restMs(25, 2);
    const rests = Array.from({ length: 300 }, () => pace.restMs(25, 5));
    expect(rests.at(-1)).toBeCloseTo(5);
  });

  it('gives back what the work gives, and passes its failure on', async () => {
    const pace = new Pace({ most: 250, restPerWork: 0 });
    expect(await pace.slice(10, async () => 'done')).toBe('done');
    await expect(pace.slice(10, () => Promise.reject(new TypeError('broken')))).rejects.toThrow('broken');
  });
});
