import { createDatabase, type TestDatabase } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withSession } from '../testing/session.js';
import { snapshotStoreContract } from '../testing/snapshot-store.contract.js';
import { PostgresSnapshotStore } from './postgres-snapshot-store.js';

const unavailable = expect.objectContaining({ code: 'UNAVAILABLE' });
const snapshot = { stream: 'thing-a', version: 1, revision: 9n, body: '{}', checksum: 'c' };

snapshotStoreContract('PostgreSQL', async () => {
  const database = await createDatabase();
  const [store, other] = [new PostgresSnapshotStore(database.url), new PostgresSnapshotStore(database.url)];
  return {
    store,
    other,
    close: async () => {
      await Promise.all([store.close(), other.close()]);
      await database.drop();
    },
  };
});

describe('snapshots in PostgreSQL', () => {
  let database: TestDatabase;
  let store: PostgresSnapshotStore;
  beforeEach(async () => {
    database = await createDatabase();
    store = new PostgresSnapshotStore(database.url);
  });
  afterEach(async () => {
    await store.close();
    await database.drop();
  });
  const session = (text: string) => withSession(database.url, (client) => client.query(text));

  it('make no schema before there is one', async () => {
    await store.find('thing-a', 1);
    expect((await session("SELECT FROM pg_namespace WHERE nspname = 'snapshots'")).rowCount).toBe(0);
  });

  it('may be dropped while the system runs', async () => {
    await store.save(snapshot);
    await session('DROP SCHEMA snapshots CASCADE');
    expect(await store.find('thing-a', 1)).toBeUndefined();
    await store.save(snapshot);
    expect(await store.find('thing-a', 1)).toEqual(snapshot);
    await session('DELETE FROM snapshots.states');
    expect(await store.find('thing-a', 1)).toBeUndefined();
  });

  it('say UNAVAILABLE when somebody holds the table, or there is no server', async () => {
    await store.save(snapshot);
    await withSession(database.url, async (client) => {
      await client.query('BEGIN; LOCK TABLE snapshots.states');
      await expect(store.find('thing-a', 1)).rejects.toEqual(unavailable);
    });
    expect(await store.find('thing-a', 1)).toEqual(snapshot);
    const nowhere = new PostgresSnapshotStore('postgres://nobody@127.0.0.1:1/none');
    await expect(nowhere.find('thing-a', 1)).rejects.toEqual(unavailable);
    await expect(nowhere.save(snapshot)).rejects.toEqual(unavailable);
    await nowhere.close();
  });
});
