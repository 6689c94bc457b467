export * from './clock.js';
export * from './decider.js';
export * from './domain-error.js';
export * from './fold.js';
export * from './ids.js';
export { inTurns } from './in-turns.js';
export * from './json.js';
export { pooledRandom } from './pooled-random.js';
