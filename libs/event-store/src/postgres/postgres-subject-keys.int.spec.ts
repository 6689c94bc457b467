import { createDatabase } from '@cairn/testing';
import { expect, it } from 'vitest';
import { appendTo, someEvent } from '../testing/events.js';
import { personalDataContract } from '../testing/personal-data.contract.js';
import { withSession } from '../testing/session.js';
import { PostgresEventStore } from './postgres-event-store.js';
import { eraseSubject } from './postgres-subject-keys.js';

personalDataContract('the log in PostgreSQL', async () => {
  const database = await createDatabase();
  const opened: PostgresEventStore[] = [];
  return {
    open: async () => {
      const store = await PostgresEventStore.open({ url: database.url });
      opened.push(store);
      return store;
    },
    eraseSubject: (subject) => eraseSubject(database.url, subject),
    close: async () => {
      await Promise.all(opened.map((store) => store.close()));
      await database.drop();
    },
  };
});

it('makes no table of keys before there is something personal, and can be asked to erase before', async () => {
  const database = await createDatabase();
  const store = await PostgresEventStore.open({ url: database.url });
  await store.append([appendTo('thing-a', 'none', someEvent())]);
  await store.readAll(0n);
  const schemas = await withSession(database.url, (client) => client.query("SELECT FROM pg_namespace WHERE nspname = 'subject_keys'"));
  expect(schemas.rowCount).toBe(0);
  expect(await eraseSubject(database.url, 'ada')).toBe(false);
  await store.close();
  await database.drop();
});

it('says UNAVAILABLE when there is no server', async () => {
  await expect(eraseSubject('postgres://nobody@127.0.0.1:1/none', 'ada')).rejects.toEqual(expect.objectContaining({ code: 'UNAVAILABLE' }));
});
