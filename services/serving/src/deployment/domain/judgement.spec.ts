import { describe, expect, it } from 'vitest';
import { judge, type StageStatistics } from './judgement.js';

const seen: StageStatistics = {
  requests: 100,
  rows: 400,
  errors: 0,
  nonFinite: 0,
  dropped: 0,
  meanPredictionNew: 0.2,
  rowsIncumbent: 0, meanPredictionIncumbent: 0.25,
  largestDifference: 0.125,
  p99LatencyMs: 3,
};

describe('judge', () => {
  it('passes a stage that saw enough requests without a fault', () => {
    expect(judge('canary', seen, 100).verdict).toBe('pass');
  });

  it('calls too few requests inconclusive, never a pass', () => {
    expect(judge('canary', { ...seen, requests: 99 }, 100).verdict).toBe('inconclusive');
    expect(judge('canary', { ...seen, rows: 0 }, 100).verdict).toBe('inconclusive');
  });

  it('fails on one failed request, even when too few were seen', () => {
    expect(judge('canary', { ...seen, requests: 1, errors: 1 }, 100).verdict).toBe('fail');
  });

  it('fails on one output that is not finite', () => {
    expect(judge('full', { ...seen, nonFinite: 1 }, 100).verdict).toBe('fail');
  });

  it('says what it compared', () => {
    expect(judge('shadow', { ...seen, dropped: 2 }, 100).evidence).toBe(
      '100 of at least 100 requests with 400 rows; 0 requests failed; 0 outputs were not finite; ' +
        'largest difference from the answers given 0.1250; 2 requests were not compared because the replicas were busy.',
    );
  });
});
