import { expect, it } from 'vitest';
import { isDeeper } from './body-depth.js';

const nested = (levels: number, open: string, close: string): unknown => JSON.parse(`${open.repeat(levels)}1${close.repeat(levels)}`);

it.each([
  ['a bare value', 1, false],
  ['lists up to the limit', nested(3, '[', ']'), false],
  ['lists beyond it', nested(4, '[', ']'), true],
  ['objects up to the limit', nested(3, '{"a":', '}'), false],
  ['objects beyond it', nested(4, '{"a":', '}'), true],
  ['the deepest of several', { a: 1, b: [1, 'x', null], c: [[[[]]]] }, true],
  ['more levels than a stack has', nested(200_000, '[', ']'), true],
  ['bytes, which nothing walks', { a: { b: Buffer.from('x') } }, false],
])('of %s', (_, value, deeper) => {
  expect(isDeeper(value, 3)).toBe(deeper);
});
