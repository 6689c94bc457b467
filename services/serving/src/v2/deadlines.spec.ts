import { waitUntil } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import { Deadlines } from './deadlines.js';

describe('deadlines', () => {
  it('pass, but for those that were called off', async () => {
    const deadlines = new Deadlines();
    const passed: string[] = [];
    const callOff = deadlines.set(1, () => passed.push('called off'));
    deadlines.set(1, () => passed.push('one'));
    deadlines.set(600_000, () => passed.push('far away'));
    callOff();
    await waitUntil('one has passed', () => passed.length > 0);
    // After they were all looked at, others are noticed too.
    deadlines.set(1, () => passed.push('two'));
    await waitUntil('two has passed', () => passed.length > 1);
    expect(passed).toEqual(['one', 'two']);
  });
});
