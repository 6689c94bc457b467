import { describe, expect, it } from 'vitest';
import type { Criterion, MetricPoint } from './commands.js';
import { judge } from './judge.js';

const atLeast = (threshold: number, changes: Partial<Criterion> = {}): Criterion => ({
  metric: 'auc', comparison: '>=', threshold, baselineMetric: '', sampleMetric: '', minimumSample: 0n, ...changes,
});
const metrics = (values: Record<string, number>): ReadonlyMap<string, MetricPoint> =>
  new Map(Object.entries(values).map(([key, value]) => [key, { key, value, timestampMs: 0n, step: 0n }]));
const verdictOf = (criterion: Criterion, values: Record<string, number>, outcome = 'FINISHED') => judge([criterion], metrics(values), outcome).verdict;

describe('judge', () => {
  it.each([
    ['>=', 0.68, 'pass'], ['>=', 0.67, 'fail'], ['>', 0.68, 'fail'], ['>', 0.69, 'pass'],
    ['<=', 0.68, 'pass'], ['<=', 0.69, 'fail'], ['<', 0.68, 'fail'], ['<', 0.67, 'pass'], ['==', 0.68, 'fail'],
  ])('compares auc %s 0.68 with %d: %s', (comparison, auc, verdict) => {
    expect(verdictOf(atLeast(0.68, { comparison }), { auc })).toBe(verdict);
  });

  it('adds the threshold as a margin to the named baseline of the same run', () => {
    const criterion = atLeast(0.02, { baselineMetric: 'best_single_auc' });
    expect(judge([criterion], metrics({ auc: 0.7, best_single_auc: 0.67 }), 'FINISHED').results).toEqual([
      { criterion, verdict: 'pass', observed: 0.7, required: 0.67 + 0.02 },
    ]);
    expect(verdictOf(criterion, { auc: 0.68, best_single_auc: 0.67 })).toBe('fail');
    expect(verdictOf(criterion, { auc: 0.7 })).toBe('inconclusive');
  });

  it('calls what is missing or not a number inconclusive', () => {
    expect(verdictOf(atLeast(0.68), {})).toBe('inconclusive');
    expect(verdictOf(atLeast(0.68), { auc: NaN })).toBe('inconclusive');
    expect(verdictOf(atLeast(0.68), { auc: Infinity })).toBe('pass');
  });

  it('calls a small sample inconclusive, whatever it shows', () => {
    const criterion = atLeast(0.68, { sampleMetric: 'rows', minimumSample: 1000n });
    expect(verdictOf(criterion, { auc: 0.9, rows: 999 })).toBe('inconclusive');
    expect(verdictOf(criterion, { auc: 0.1, rows: 999 })).toBe('inconclusive');
    expect(verdictOf(criterion, { auc: 0.9 })).toBe('inconclusive');
    expect(verdictOf(criterion, { auc: 0.9, rows: 1000 })).toBe('pass');
  });

  it('lets a run that did not finish fail, never pass', () => {
    expect(verdictOf(atLeast(0.68), { auc: 0.9 }, 'KILLED')).toBe('inconclusive');
    expect(verdictOf(atLeast(0.68), { auc: 0.1 }, 'FAILED')).toBe('fail');
  });

  it('takes the worst of all, and nothing compared is no success', () => {
    const values = metrics({ auc: 0.7 });
    expect(judge([atLeast(0.68), atLeast(0.72)], values, 'FINISHED').verdict).toBe('fail');
    expect(judge([atLeast(0.68), atLeast(0, { metric: 'absent' })], values, 'FINISHED').verdict).toBe('inconclusive');
    expect(judge([], values, 'FINISHED').verdict).toBe('inconclusive');
  });
});
