import { describe, expect, it } from 'vitest';
import { criterionSentence } from './sentence.js';

const auc = { metric: 'auc', comparison: '>=', threshold: 0.68, baselineMetric: '', sampleMetric: '', minimumSample: 0n };

describe('criterionSentence', () => {
  it.each([
    ['>=', 'pass', 'auc 0.7 is at least 0.68'], ['>=', 'fail', 'auc 0.7 is below 0.68'],
    ['>', 'pass', 'auc 0.7 is above 0.68'], ['>', 'fail', 'auc 0.7 is not above 0.68'],
    ['<=', 'pass', 'auc 0.7 is at most 0.68'], ['<=', 'fail', 'auc 0.7 is above 0.68'],
    ['<', 'pass', 'auc 0.7 is below 0.68'], ['<', 'fail', 'auc 0.7 is not below 0.68'],
  ])('%s, %s: %s', (comparison, verdict, sentence) => {
    expect(criterionSentence({ criterion: { ...auc, comparison }, verdict, observed: 0.7, required: 0.68 })).toBe(sentence);
  });

  it('names the baseline and its margin', () => {
    const criterion = { ...auc, threshold: 0.02, baselineMetric: 'best_single_auc' };
    expect(criterionSentence({ criterion, verdict: 'fail', observed: 0.6612345678, required: 0.67 + 0.02 })).toBe(
      'auc 0.661235 is below 0.69 (best_single_auc plus 0.02)',
    );
    expect(criterionSentence({ criterion, verdict: 'inconclusive', observed: 0.7 })).toBe("auc 0.7 can't be compared: best_single_auc was not measured");
  });

  const named = { runId: 'r7', value: 0.67, modelName: '', modelVersion: 0, consideredRuns: 0 };

  it.each([
    ['the run', { ...named, kind: 'run' }, '0.67 of run r7'],
    ['the model version', { ...named, kind: 'model_version', modelName: 'late', modelVersion: 3 }, '0.67 of version 3 of late, made by run r7'],
    ['the best run', { ...named, kind: 'best_run', consideredRuns: 12 }, '0.67 of run r7, the best of 12'],
  ])('names %s that the margin is over, and its value', (_, baseline, whose) => {
    const criterion = { ...auc, threshold: 0.02, baseline };
    const compared = { criterion, observed: 0.6612345678, required: 0.67 + 0.02 };
    expect(criterionSentence({ ...compared, verdict: 'fail' })).toBe(`auc 0.661235 is below 0.69 (${whose}, plus 0.02)`);
    expect(criterionSentence({ ...compared, verdict: 'inconclusive', observed: NaN })).toBe(`auc NaN against 0.69 (${whose}, plus 0.02) is inconclusive: not a number`);
    expect(criterionSentence({ ...compared, criterion: { ...criterion, threshold: -0.01 }, verdict: 'pass', required: 0.66 })).toBe(
      `auc 0.661235 is at least 0.66 (${whose}, minus 0.01)`,
    );
  });

  it('shows as many digits as the difference needs', () => {
    expect(criterionSentence({ criterion: auc, verdict: 'fail', observed: 0.6799999999, required: 0.68 })).toBe('auc 0.6799999999 is below 0.68');
  });

  it('says why nothing could be concluded', () => {
    expect(criterionSentence({ criterion: auc, verdict: 'inconclusive' })).toBe('auc was not measured');
    expect(criterionSentence({ criterion: auc, verdict: 'inconclusive', observed: NaN, required: 0.68 })).toMatch(/not a number$/);
    expect(criterionSentence({ criterion: auc, verdict: 'inconclusive', observed: 0.7, required: 0.68 })).toMatch(/the run did not finish$/);
    const sampled = { ...auc, sampleMetric: 'rows', minimumSample: 1000n };
    expect(criterionSentence({ criterion: sampled, verdict: 'inconclusive', observed: 0.7, required: 0.68 })).toMatch(/rows must be at least 1000/);
  });
});
