import { expect, it } from 'vitest';
import * as surface from './index.js';

it('exports the class and its error, and nothing of the engine', () => {
  expect(Object.keys(surface).sort()).toEqual(['Tabular', 'TabularError']);
});
