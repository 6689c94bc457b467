import { describe, expect, it } from 'vitest';
import { npmiOf } from './npmi.js';

/** What calculate_npmi_from_counts of MLflow 3.17.2 answers for the same counts. */
describe('normalized pointwise mutual information', () => {
  it.each([
    [{ joint: 10, first: 20, second: 15, total: 100 }, 0.5228787452803378, 0.5098689991831412],
    [{ joint: 0, first: 5, second: 5, total: 20 }, -1, -0.31330979162112166],
    [{ joint: 5, first: 5, second: 5, total: 20 }, 1, 0.8744691179161412],
    [{ joint: 20, first: 20, second: 20, total: 20 }, 1, 1],
    [{ joint: 3, first: 3, second: 7, total: 10 }, 0.296248339378748, 0.22069967943865018],
  ])('of %j', (counts, npmi, smoothed) => {
    const answer = npmiOf(counts);
    expect(answer?.npmi).toBeCloseTo(npmi, 12);
    expect(answer?.smoothed).toBeCloseTo(smoothed, 12);
  });

  it('is undefined where a filter meets nothing, and for counts that contradict each other', () => {
    expect(npmiOf({ joint: 0, first: 0, second: 4, total: 9 })).toBeUndefined();
    expect(npmiOf({ joint: 0, first: 0, second: 0, total: 0 })).toBeUndefined();
    expect(npmiOf({ joint: 2, first: 2, second: 1, total: 9 })).toBeUndefined();
    expect(npmiOf({ joint: 2, first: 2, second: 2, total: 1 })).toBeUndefined();
  });
});
