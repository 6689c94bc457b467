import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auc, baseRateLogLoss, logLoss } from './metrics.js';

describe('auc', () => {
  it('is 1 for a perfect order, 0 for its reverse and 0.5 for no order', () => {
    expect(auc([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1])).toBe(1);
    expect(auc([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1])).toBe(0);
    expect(auc([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1])).toBe(0.5);
  });

  it('is not defined for one class', () => {
    expect(auc([0.1, 0.2], [1, 1])).toBeNaN();
  });

  it('is the share of pairs in the right order, ties counting half', () => {
    const rows = fc.array(fc.record({ score: fc.integer({ min: 0, max: 5 }), label: fc.integer({ min: 0, max: 1 }) }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(rows, (sample) => {
        const ones = sample.filter(({ label }) => label === 1);
        const zeros = sample.filter(({ label }) => label === 0);
        fc.pre(ones.length > 0 && zeros.length > 0);
        const pairs = ones.flatMap((one) => zeros.map((zero): number => (one.score > zero.score ? 1 : one.score === zero.score ? 0.5 : 0)));
        const share = pairs.reduce((sum, pair) => sum + pair, 0) / pairs.length;
        expect(auc(sample.map(({ score }) => score), sample.map(({ label }) => label))).toBeCloseTo(share, 10);
      }),
    );
  });
});

describe('log loss', () => {
  it('is what the definition says', () => {
    expect(logLoss([0.8, 0.3], [1, 0])).toBeCloseTo(-(Math.log(0.8) + Math.log(0.7)) / 2, 12);
    expect(baseRateLogLoss([1, 0, 0, 0])).toBeCloseTo(logLoss([0.25, 0.25, 0.25, 0.25], [1, 0, 0, 0]), 12);
  });

  it('stays finite for a certain and wrong answer', () => {
    expect(logLoss([0], [1])).toBeLessThan(17);
  });
});
