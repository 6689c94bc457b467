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

  const over = (value: number, changes: Partial<Criterion> = {}): Criterion =>
    atLeast(0.02, { baseline: { kind: 'run', runId: 'b', value, modelName: '', modelVersion: 0, consideredRuns: 0 }, ...changes });
  it.each<[string, number, Criterion, string]>([
    ['at the margin', 0.75, over(0.73), 'pass'],
    ['within the margin', 0.74, over(0.73), 'fail'],
    ['above a margin that allows a loss', 0.72, over(0.73, { threshold: -0.02 }), 'pass'],
    ['below a baseline that is to be undercut', 0.5, over(0.55, { comparison: '<=', threshold: -0.02 }), 'pass'],
    ['not far enough below it', 0.54, over(0.55, { comparison: '<=', threshold: -0.02 }), 'fail'],
    ['not a number', NaN, over(0.73), 'inconclusive'],
  ])('compares with a named baseline as it was found: %s', (_, auc, criterion, verdict) => {
    expect(verdictOf(criterion, { auc })).toBe(verdict);
  });

  it.each([
    ['measured on enough', { 'auc/slice/JFK': 0.7, 'rows/slice/JFK': 100, auc: 0.1 }, 'pass'],
    ['below', { 'auc/slice/JFK': 0.6, 'rows/slice/JFK': 100, auc: 0.9 }, 'fail'],
    ['on a slice that is too small, though the whole is not', { 'auc/slice/JFK': 0.7, 'rows/slice/JFK': 99, rows: 1_000 }, 'inconclusive'],
    ['not logged for the slice', { auc: 0.9, 'auc/slice/LGA': 0.9, 'rows/slice/JFK': 100 }, 'inconclusive'],
  ])('judges a slice by the metrics of the slice alone: %s', (_, values, verdict) => {
    const criterion = atLeast(0.68, { metric: 'auc/slice/JFK', slice: 'JFK', sampleMetric: 'rows/slice/JFK', minimumSample: 100n });
    expect(verdictOf(criterion, values)).toBe(verdict);
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
