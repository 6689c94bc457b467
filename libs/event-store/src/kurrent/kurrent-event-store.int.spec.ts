import { expect, it } from 'vitest';
import { eventStoreContract } from '../testing/event-store.contract.js';
import { KurrentEventStore } from './kurrent-event-store.js';

const url = process.env['KURRENTDB_URL'];

if (url === undefined) {
  it('was not run against a KurrentDB: set KURRENTDB_URL to an empty one, 26.1 or newer, e.g. kurrentdb://127.0.0.1:2113?tls=false', async () => {
    await expect(KurrentEventStore.open({ url: 'kurrentdb://127.0.0.1:1?tls=false&maxDiscoverAttempts=1&defaultDeadline=500' })).rejects.toEqual(
      expect.objectContaining({ code: 'UNAVAILABLE' }),
    );
  });
} else {
  // The log of a KurrentDB cannot be emptied, so every test gets a log of its own in it.
  let logs = 0;
  eventStoreContract('KurrentDB', async () => {
    logs += 1;
    const open = () => KurrentEventStore.open({ url, namespace: `spec-${Date.now()}-${logs}` });
    const [store, other] = [await open(), await open()];
    return {
      store,
      other,
      close: async () => {
        await Promise.all([store.close(), other.close()]);
      },
    };
  });
}
