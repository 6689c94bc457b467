import { randomBytes } from 'node:crypto';
import { createDatabase, type TestDatabase } from '@cairn/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendTo, someEvents } from '../testing/events.js';
import { withSession } from '../testing/session.js';
import { PostgresEventStore } from './postgres-event-store.js';

const TAMPERINGS = [
  "UPDATE event_store.events SET body = '{}'",
  "UPDATE event_store.events SET body = '{}' WHERE position = 1",
  'DELETE FROM event_store.events',
  'TRUNCATE event_store.events',
  "INSERT INTO event_store.events SELECT * FROM event_store.events ON CONFLICT (position) DO UPDATE SET body = '{}'",
  'DELETE FROM event_store.log_head',
  'TRUNCATE event_store.log_head',
  'UPDATE event_store.log_head SET size = size - 1',
  'UPDATE event_store.log_head SET size = size',
  'INSERT INTO event_store.log_head VALUES (0)',
];
const TRIGGER = { code: '23001' };
const NOT_GRANTED = { code: '42501' };

describe('the log can only be appended to', () => {
  let database: TestDatabase;
  const owner = `owner_${randomBytes(4).toString('hex')}`;
  const app = `app_${randomBytes(4).toString('hex')}`;
  const as = (role: string) => {
    const url = new URL(database.url);
    url.username = role;
    url.password = 'secret';
    return url.href;
  };
  const attempt = (client: Client, tampering: string) => client.query(tampering).then(() => ({ code: 'it was done' }), ({ code }: { code: string }) => ({ code }));

  beforeAll(async () => {
    database = await createDatabase();
    await withSession(database.url, async (client) => {
      for (const role of [owner, app]) await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
      await client.query(`GRANT CREATE ON DATABASE ${database.name} TO ${owner}`);
    });
    const store = await PostgresEventStore.open({ url: as(owner) });
    await store.append([appendTo('thing-a', 'none', ...someEvents(3))]);
    await store.close();
    await withSession(as(owner), (client) =>
      client.query(`GRANT USAGE ON SCHEMA event_store TO ${app}; GRANT SELECT, INSERT ON event_store.events TO ${app}; GRANT SELECT, UPDATE ON event_store.log_head TO ${app}`),
    );
  });
  afterAll(async () => {
    const roles = [owner, app].map((role) => `DROP OWNED BY ${role} CASCADE; DROP ROLE ${role};`).join(' ');
    await withSession(database.url, (client) => client.query(roles));
    await database.drop();
  });

  it('by a role that may not create anything, with the four grants', async () => {
    const store = await PostgresEventStore.open({ url: as(app) });
    expect(await store.append([appendTo('thing-b', 'none', ...someEvents(1))])).toMatchObject([{ position: 3n }]);
    expect((await store.readAll(0n)).events).toHaveLength(4);
    await store.close();
  });

  it.each(TAMPERINGS)('grants neither the owner nor an app: %s', async (tampering) => {
    const isHeadUpdate = tampering.startsWith('UPDATE event_store.log_head');
    for (const role of [owner, app]) {
      expect(await withSession(as(role), (client) => attempt(client, tampering))).toEqual(isHeadUpdate ? TRIGGER : NOT_GRANTED);
    }
  });

  it.each(TAMPERINGS)('refuses a superuser by trigger, a replication role too: %s', async (tampering) => {
    await withSession(database.url, async (client) => {
      expect(await attempt(client, tampering)).toEqual(TRIGGER);
      await client.query('SET session_replication_role = replica');
      expect(await attempt(client, tampering)).toEqual(TRIGGER);
    });
  });
});
