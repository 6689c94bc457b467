import { createDatabase, tempDir } from '@cairn/testing';
import { eventStoreContract } from '../../testing/event-store.contract.js';
import { HalfArchivedStore } from '../../testing/half-archived-store.js';

eventStoreContract('PostgreSQL with its earlier half in the archive', async () => {
  const database = await createDatabase();
  const [store, other] = (await HalfArchivedStore.open(database.url, tempDir('archive'), 2)) as [HalfArchivedStore, HalfArchivedStore];
  return {
    store,
    other,
    close: async () => {
      await Promise.all([store.close(), other.close()]);
      await database.drop();
    },
  };
});
