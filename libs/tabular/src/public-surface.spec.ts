import { expect, it } from 'vitest';
import * as surface from './index.js';

it('exports the class, its error and the join with labels, and nothing of the engine', () => {
  expect(Object.keys(surface).sort()).toEqual(['Tabular', 'TabularError', 'knownLabels', 'labelledPredictions']);
});
