export * from './command-handler.js';
export * from './errors.js';
export * from './event-store.js';
