import { describe, expect, it } from 'vitest';
import { nameOfRun } from './run-name.js';

describe('nameOfRun', () => {
  it('names a run for a person, the same each time', () => {
    const name = nameOfRun('4915f5ea945c4798b0a8a8747cfb337b');
    expect(name).toMatch(/^[a-z]+-[a-z]+-\d{1,3}$/);
    expect(name.length).toBeLessThanOrEqual(20);
    expect(nameOfRun('4915f5ea945c4798b0a8a8747cfb337b')).toBe(name);
    expect(nameOfRun('4915f5ea945c4798b0a8a8747cfb337c')).not.toBe(name);
  });
});
