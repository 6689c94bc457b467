import { expect, it } from 'vitest';
import { isRecent } from './server-check.js';

it.each([
  ['2.9.10', true],
  ['2.10.0', true],
  ['3.0.0-beta.1', true],
  ['2.8.4', false],
  ['1.4.1', false],
  ['', false],
])('version %s is recent enough: %s', (version, recent) => {
  expect(isRecent(version)).toBe(recent);
});
