import { createDatabase } from '@cairn/testing';
import { eventStoreContract } from '../testing/event-store.contract.js';
import { PostgresEventStore } from './postgres-event-store.js';

eventStoreContract('PostgreSQL', async () => {
  const database = await createDatabase();
  const open = () => PostgresEventStore.open({ url: database.url });
  const [store, other] = await Promise.all([open(), open()]);
  return {
    store,
    other,
    close: async () => {
      await Promise.all([store.close(), other.close()]);
      await database.drop();
    },
  };
});
