export * from './command-handler.js';
export * from './errors.js';
export * from './event-store.js';
export { KurrentEventStore, type KurrentEventStoreOptions } from './kurrent/kurrent-event-store.js';
export { MemoryEventStore } from './memory/memory-event-store.js';
export { importRecords, type ImportedLog, type ImportedRecord } from './postgres/import-records.js';
export { PostgresEventStore, type PostgresEventStoreOptions } from './postgres/postgres-event-store.js';
export { PostgresLease } from './postgres/postgres-lease.js';
export { leafHash, MAX_EVENT_BYTES, parseRecord, verifyRecord } from './record.js';
