import { newId } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LOGGING } from '../../deployment/domain/logging.js';
import { isSampled, Redaction } from './kept.js';

const ids = Array.from({ length: 20_000 }, newId);

describe('isSampled', () => {
  it.each([0, 0.01, 0.25, 0.9, 1])('keeps a share of %d of consecutive ids', (rate) => {
    const kept = ids.filter((id) => isSampled(id, rate)).length;
    // Four standard deviations.
    expect(Math.abs(kept - rate * ids.length)).toBeLessThanOrEqual(4 * Math.sqrt(ids.length * rate * (1 - rate)));
  });

  it('keeps the same ones each time, and more with a higher rate', () => {
    for (const id of ids.slice(0, 2_000)) {
      expect(isSampled(id, 0.3)).toBe(isSampled(id, 0.3));
      if (isSampled(id, 0.3)) expect(isSampled(id, 0.5)).toBe(true);
    }
  });
});

describe('Redaction', () => {
  const entry = {
    inferenceId: newId(), timeMs: 0, eventTimeMs: 0, versionId: 'v', arm: 'live' as const, propensity: 1, latencyMs: 1,
    features: new Float64Array([1, 2, 3, 4, 5, 6]), predictions: new Float64Array(2),
  };

  it('takes out the columns that are named, in every row, and leaves the request as it is', () => {
    const redaction = new Redaction({ ...DEFAULT_LOGGING, redactedColumns: ['b', 'elsewhere'] }, ['a', 'b', 'c']);
    expect(redaction.redacted).toEqual(['b']);
    expect(redaction.apply(entry).features).toEqual(new Float64Array([1, Number.NaN, 3, 4, Number.NaN, 6]));
    expect(entry.features).toEqual(new Float64Array([1, 2, 3, 4, 5, 6]));
  });

  it('keeps everything where nothing is named', () => {
    const redaction = new Redaction(DEFAULT_LOGGING, ['a', 'b', 'c']);
    expect(redaction.apply(entry)).toBe(entry);
    expect(redaction.key).not.toBe(new Redaction({ ...DEFAULT_LOGGING, redactedColumns: ['a'] }, ['a', 'b', 'c']).key);
  });
});
