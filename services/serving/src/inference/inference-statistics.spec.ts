import { describe, expect, it } from 'vitest';
import { InferenceStatistics } from './inference-statistics.js';

describe('statistics of a version', () => {
  it('count requests, rows and the runs that they shared', () => {
    const statistics = new InferenceStatistics().of('d', 'v');
    const shared = { queueMs: 1, runMs: 2, batchRows: 3, latencyMs: 4 };
    statistics.answered({ ...shared, rows: 1 }, 5);
    statistics.answered({ ...shared, rows: 2 }, 6);
    statistics.answered({ rows: 1, queueMs: 0, runMs: 1, batchRows: 1, latencyMs: 1 }, 7);
    statistics.failed(10);
    expect(statistics).toMatchObject({ lastInferenceMs: 7, rows: 4, runs: 2 });
    const { success, fail, queue, infer, way } = statistics;
    expect([success, fail, queue, infer, way].map(({ count, ns }) => [count, ns])).toEqual([[3, 9e6], [1, 10e6], [3, 2e6], [3, 5e6], [3, 2e6]]);
    expect(statistics.bySize).toEqual([
      { rows: 1, runs: 1, infer: { count: 1, ns: 1e6 } },
      { rows: 3, runs: 1, infer: { count: 1, ns: 2e6 } },
    ]);
  });

  it('count runs without rows, and no more sizes than an answer can hold', () => {
    const all = new InferenceStatistics();
    for (let rows = 0; rows < 2_000; rows += 1) all.of('d', 'v').answered({ rows, queueMs: 0, runMs: 1, batchRows: rows, latencyMs: 1 }, 0);
    expect(all.of('d', 'v').runs).toBe(2_000);
    expect(all.of('d', 'v').bySize).toHaveLength(1_024);
    expect(all.of('d', 'other').runs).toBe(0);
  });
});
