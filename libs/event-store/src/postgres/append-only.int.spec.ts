import { randomBytes } from 'node:crypto';
import { createDatabase, waitUntil, type TestDatabase } from '@cairn/testing';
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
/** Once the first two of four events are archived. */
const TAMPERINGS_WITH_AN_ARCHIVE = [
  'UPDATE event_store.events SET body = NULL',
  'UPDATE event_store.events SET body = NULL WHERE position = 0',
  'UPDATE event_store.events SET body = NULL WHERE position = 2',
  "UPDATE event_store.events SET body = '{}' WHERE position = 0",
  "UPDATE event_store.events SET body = '{}' WHERE position = 1",
  'UPDATE event_store.events SET body = body WHERE position = 1',
  'UPDATE event_store.events SET body = NULL, position = 0 - position WHERE position = 1',
  "UPDATE event_store.events SET body = NULL, stream = 'thing-x' WHERE position = 1",
  'UPDATE event_store.events SET body = NULL, revision = 7 WHERE position = 1',
  'UPDATE event_store.events SET body = NULL, event_id = gen_random_uuid() WHERE position = 1',
  "UPDATE event_store.events SET body = NULL, type = 'cairn.test.v1.Other' WHERE position = 1",
  "UPDATE event_store.events SET body = NULL, leaf = sha256('') WHERE position = 1",
  "UPDATE event_store.events SET leaf = sha256('') WHERE position = 0",
  "UPDATE event_store.events SET stream = 'thing-x' WHERE position = 0",
  'DELETE FROM event_store.events WHERE position = 0',
  "UPDATE event_store.archived_segments SET digest = 'sha256:' || repeat('0', 64)",
  'UPDATE event_store.archived_segments SET end_position = 3',
  'DELETE FROM event_store.archived_segments',
  'TRUNCATE event_store.archived_segments',
];
const SEGMENT = (first: number, end: number) => `INSERT INTO event_store.archived_segments VALUES (${first}, ${end}, 'sha256:' || repeat('0', 64), 1, 1)`;
const WRONG_INSERTS = [
  ['an event without a body', "INSERT INTO event_store.events VALUES (4, 'thing-c', 0, gen_random_uuid(), 'cairn.test.v1.Empty', NULL, sha256(''))"],
  ['a segment that leaves a gap', SEGMENT(3, 4)],
  ['a segment over another', SEGMENT(1, 3)],
  ['a segment from the beginning again', SEGMENT(0, 3)],
  ['a segment beyond the log', SEGMENT(2, 5)],
] as const;
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

  describe('with an archive', () => {
    beforeAll(async () => {
      await withSession(as(owner), (client) => client.query(SEGMENT(0, 2)));
      await withSession(database.url, (client) => client.query('UPDATE event_store.events SET body = NULL WHERE position = 0'));
    });

    it.each(TAMPERINGS_WITH_AN_ARCHIVE)('grants neither the owner nor an app: %s', async (tampering) => {
      for (const role of [owner, app]) expect(await withSession(as(role), (client) => attempt(client, tampering))).toEqual(NOT_GRANTED);
    });

    it.each(TAMPERINGS_WITH_AN_ARCHIVE)('refuses a superuser by trigger, a replication role too: %s', async (tampering) => {
      await withSession(database.url, async (client) => {
        expect(await attempt(client, tampering)).toEqual(TRIGGER);
        await client.query('SET session_replication_role = replica');
        expect(await attempt(client, tampering)).toEqual(TRIGGER);
      });
    });

    it.each(WRONG_INSERTS)('takes no %s', async (_, insert) => {
      await withSession(as(owner), async (client) => expect(await attempt(client, insert)).toEqual(TRIGGER));
      await withSession(database.url, async (client) => {
        await client.query('SET session_replication_role = replica');
        expect(await attempt(client, insert)).toEqual(TRIGGER);
      });
    });

    it.each([
      ['nothing in it', SEGMENT(2, 2)],
      ['a digest that is none', SEGMENT(2, 3).replace("'sha256:'", "'md5:'")],
    ])('takes no segment with %s', async (_, insert) => {
      await withSession(database.url, async (client) => expect(await attempt(client, insert)).toEqual({ code: '23514' }));
    });

    it('lets two who record the same segment at once not both do it', async () => {
      await withSession(as(owner), async (one) => {
        await one.query('BEGIN');
        await one.query(SEGMENT(2, 3));
        const other = withSession(as(owner), (client) => attempt(client, SEGMENT(2, 3)));
        await waitUntil('the other waits', () => withSession(database.url, isWaiting));
        await one.query('COMMIT');
        expect(await other).toEqual({ code: '23505' });
      });
    });
  });
});

async function isWaiting(client: Client): Promise<boolean> {
  const { rows } = await client.query("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
  return rows.length > 0;
}
