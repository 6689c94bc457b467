import { expect, it } from 'vitest';
import { surprises } from './surprises.js';

const known = [{ reason: 'too wide', says: /wide/, cases: ['a', 'b'] }];

it('finds nothing where what is listed fails as listed and the rest passes', () => {
  expect(surprises(new Map([['a', 'it is wide'], ['b', 'as wide'], ['c', undefined]]), known)).toEqual([]);
});

it('finds everything else', () => {
  expect(surprises(new Map([['a', undefined], ['b', 'it is long'], ['c', 'it is wide']]), known)).toEqual([
    'a passes and can be taken off the list: too wide',
    'b fails otherwise than listed: it is long',
    'c fails: it is wide',
  ]);
  expect(surprises(new Map([['a', 'wide']]), known)).toEqual(['b is listed and is none of the cases']);
});
