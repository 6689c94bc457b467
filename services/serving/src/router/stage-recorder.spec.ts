import { describe, expect, it } from 'vitest';
import { StageRecorder } from './stage-recorder.js';

const ran = (predictions: number[], latencyMs = 1, nonFinite = 0) => ({ predictions: new Float64Array(predictions), latencyMs, nonFinite });

describe('StageRecorder', () => {
  it('has seen nothing at first', () => {
    expect(new StageRecorder().statistics()).toEqual({
      requests: 0, rows: 0, errors: 0, nonFinite: 0, dropped: 0, meanPredictionNew: 0, meanPredictionIncumbent: 0, rowsIncumbent: 0, largestDifference: 0, p99LatencyMs: 0,
    });
  });

  it('counts both sides of a comparison', () => {
    const recorder = new StageRecorder();
    recorder.incumbentAnswered(new Float64Array([0.5, 0.5]));
    recorder.ran(ran([0.25, 0.75]), new Float64Array([0.5, 0.5]));
    recorder.ran(ran([0.25]), new Float64Array([0.75]));
    recorder.notCompared();
    expect(recorder.statistics()).toMatchObject({ requests: 2, rows: 3, dropped: 1, meanPredictionIncumbent: 0.5, largestDifference: 0.5 });
    expect(recorder.statistics().meanPredictionNew).toBeCloseTo(1.25 / 3);
  });

  it('counts a failure as a request that was seen', () => {
    const recorder = new StageRecorder();
    recorder.failed();
    recorder.ran(ran([Number.NaN, 1], 2, 1));
    expect(recorder.statistics()).toMatchObject({ requests: 2, rows: 2, errors: 1, nonFinite: 1, meanPredictionNew: 0.5, p99LatencyMs: 2 });
  });

  it('takes the 99th percentile of the last few thousand requests', () => {
    const recorder = new StageRecorder();
    for (let latency = 1; latency <= 100; latency += 1) recorder.ran(ran([0], latency));
    expect(recorder.statistics().p99LatencyMs).toBe(99);
    for (let again = 0; again < 5_000; again += 1) recorder.ran(ran([0], 7));
    expect(recorder.statistics().p99LatencyMs).toBe(7);
  });
});
