import { expect, it } from 'vitest';
import * as witness from './index.js';

it('exports this and nothing else at run time', () => {
  expect(Object.keys(witness).sort()).toEqual(['WitnessError', 'createWitnessKey', 'startWitness']);
});
