export { digestOf, isDigest, type Digest } from './digest.js';
export * from './errors.js';
export type * from './object-store.js';
export { openObjectStore } from './open-object-store.js';
