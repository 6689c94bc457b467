import { snapshotStoreContract } from '../testing/snapshot-store.contract.js';
import { MemorySnapshotStore } from './memory-snapshot-store.js';

snapshotStoreContract('memory', async () => {
  const store = new MemorySnapshotStore();
  return { store, other: store, close: () => store.close() };
});
