import { describe, expect, it } from 'vitest';
import { later } from './latest-metric.js';

const point = (step: bigint, timestampMs: bigint, value: number) => ({ key: 'm', step, timestampMs, value });

describe('later', () => {
  it('goes by step, then time, then value', () => {
    expect(later(point(2n, 1n, 0), point(1n, 9n, 9)).value).toBe(0);
    expect(later(point(1n, 1n, 9), point(1n, 2n, 0)).value).toBe(0);
    expect(later(point(1n, 1n, 1), point(1n, 1n, 2)).value).toBe(2);
    expect(later(point(1n, 1n, 2), point(1n, 1n, 1)).value).toBe(2);
  });

  it('takes NaN for the largest value, in either order', () => {
    expect(later(point(1n, 1n, NaN), point(1n, 1n, 2)).value).toBeNaN();
    expect(later(point(1n, 1n, 2), point(1n, 1n, NaN)).value).toBeNaN();
  });
});
