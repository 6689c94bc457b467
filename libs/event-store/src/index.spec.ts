import { expect, it } from 'vitest';
import * as surface from './index.js';

it('exports what the README lists and nothing else', () => {
  expect(Object.keys(surface).sort()).toEqual([
    'CommandHandler',
    'EventStoreError',
    'KurrentEventStore',
    'MAX_EVENT_BYTES',
    'MemoryEventStore',
    'MemorySnapshotStore',
    'MemorySubjectKeys',
    'PostgresEventStore',
    'PostgresLease',
    'PostgresSnapshotStore',
    'archiveLog',
    'bigintArray',
    'doubleArray',
    'eraseSubject',
    'importRecords',
    'leafHash',
    'parseRecord',
    'textArray',
    'verifyRecord',
  ]);
});
