import { describe, expect, it } from 'vitest';
import { proofProblem } from './proof.js';

const expected = { digest: 'sha256:aa', goldenTolerance: 1e-5 };

describe('proofProblem', () => {
  it('accepts the right bytes with the recorded answer', () => {
    expect(proofProblem(expected, 'sha256:aa', 1e-5)).toBeUndefined();
  });

  it('rejects other bytes, whatever they answer', () => {
    expect(proofProblem(expected, 'sha256:bb', 0)).toBe('loaded sha256:bb instead of sha256:aa');
    expect(proofProblem(expected, '', 0)).toBe('loaded nothing instead of sha256:aa');
  });

  it('rejects an answer that is off, and one that is no number', () => {
    expect(proofProblem(expected, 'sha256:aa', 2e-5)).toContain('off by 0.00002');
    expect(proofProblem(expected, 'sha256:aa', Number.NaN)).toContain('off by NaN');
  });
});
