export { WitnessError, type WitnessErrorCode } from './errors.js';
export { startWitness, type RunningWitness, type WitnessOptions } from './start-witness.js';
export { createWitnessKey } from './witness-key.js';
export type { WitnessAnswer } from './witness.js';
