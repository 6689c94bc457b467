import { describe, expect, it } from 'vitest';

import { waitUntil } from './wait-until.js';

describe('waitUntil', () => {
  it('gives the first answer that is there', async () => {
    let asked = 0;
    expect(await waitUntil('three', () => ((asked += 1) === 3 ? asked : undefined))).toBe(3);
    expect(await waitUntil('zero is an answer', () => 0)).toBe(0);
  });

  it('goes on while the question throws, and says why when time is over', async () => {
    let asked = 0;
    const question = () => {
      asked += 1;
      if (asked < 3) throw new Error('not yet');
      return true;
    };
    expect(await waitUntil('it stops throwing', question)).toBe(true);
    const never = waitUntil('pigs fly', () => Promise.reject(new Error('no wings')), 30);
    await expect(never).rejects.toMatchObject({ message: 'Not within 30 ms: pigs fly', cause: { message: 'no wings' } });
  });
});
