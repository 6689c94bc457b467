import { expect, it } from 'vitest';
import { inTurns } from './in-turns.js';

it('does the first few at once and all in order, and lets others have a turn in between', async () => {
  const done: (number | string)[] = [];
  const all = inTurns(Array.from({ length: 40 }, (_, index) => index), (index) => done.push(index));
  expect(done).toHaveLength(16);
  setImmediate(() => done.push('another'));
  await all;
  expect(done.filter((item) => item !== 'another')).toEqual(Array.from({ length: 40 }, (_, index) => index));
  expect(done.indexOf('another')).toBeLessThan(done.length - 1);
});
