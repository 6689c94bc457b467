import { newId } from '@cairn/kernel';
import { createDatabase, type TestDatabase } from '@cairn/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventFilter } from '../event-store.js';
import { passes } from '../filter.js';
import { appendTo, followUntil, someEvent, wholeLog } from '../testing/events.js';
import { withSession } from '../testing/session.js';
import { filteredRead } from './filtered-read.js';
import { PostgresEventStore } from './postgres-event-store.js';

const BULK = 60_000;
const RARE = 'cairn.test.v1.Rare';
const rareStream = `rare-thing-${newId()}`;

describe('a filtered read', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  const fill = (client: Client) =>
    client.query(`
      WITH head AS (UPDATE event_store.log_head SET size = size + ${BULK} RETURNING size - ${BULK} AS base)
      INSERT INTO event_store.events
      SELECT base + n, 'bulk-' || (CASE n % 3 WHEN 0 THEN 'one-' ELSE '' END) || gen_random_uuid(), 0, gen_random_uuid(), 'cairn.test.v1.Bulk' || n % 4,
        '{"data":{},"revision":"0","type":"cairn.test.v1.Bulk' || n % 4 || '"}', sha256('') FROM head, generate_series(0, ${BULK} - 1) n`);
  const rare = () => store.append([appendTo(rareStream, 'any', someEvent({}, RARE))]);
  /** What the server does for these parameters, and for any: a named statement may come to be planned once for all. */
  const plans = (filter: EventFilter) =>
    withSession(database.url, async (client) => {
      const { text, values } = filteredRead(0n, 500, filter);
      const answers = [await client.query(`EXPLAIN ${text}`, values as unknown[]), await client.query(`EXPLAIN (GENERIC_PLAN) ${text}`)];
      return answers.map(({ rows }) => rows.map((row) => row['QUERY PLAN']).join('\n'));
    });

  beforeAll(async () => {
    database = await createDatabase();
    store = await PostgresEventStore.open({ url: database.url });
    await rare();
    await withSession(database.url, fill);
    await rare();
    await withSession(database.url, fill);
    await store.append([appendTo('rare', 'any', someEvent({}, RARE)), appendTo(`bulk-${newId()}`, 'any', someEvent({}, RARE))]);
    await withSession(database.url, (client) => client.query('VACUUM ANALYZE event_store.events'));
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  it.each([
    ['by a rare type', { types: [RARE] }, [0, BULK + 1, 2 * BULK + 2, 2 * BULK + 3]],
    ['by a rare category', { streamPrefixes: ['rare-thing-'] }, [0, BULK + 1]],
    ['by one stream', { streamPrefixes: [rareStream] }, [0, BULK + 1]],
    ['by a prefix of several categories and of a short stream', { streamPrefixes: ['rare'] }, [0, BULK + 1, 2 * BULK + 2]],
    ['by type and prefix', { types: [RARE], streamPrefixes: ['bulk-'] }, [2 * BULK + 3]],
    ['by a type that never was', { types: ['cairn.test.v1.Never'] }, []],
    ['by a prefix that never was', { streamPrefixes: ['nothing-', 'rare%'] }, []],
  ])('%s finds in one go what lies far apart', async (_, filter, positions) => {
    const { events, next } = await store.readAll(0n, { filter });
    expect(events.map(({ position }) => Number(position))).toEqual(positions);
    expect(next).toBe(BigInt(2 * BULK + 4));
  });

  it.each([
    ['types', { types: ['cairn.test.v1.Bulk1', 'cairn.test.v1.Bulk3', RARE] }],
    ['a category', { streamPrefixes: ['bulk-one-'] }],
    ['two categories and a few streams', { streamPrefixes: ['bulk-', 'bulk-one-0', 'rare-thing-'] }],
    ['types and a category', { types: ['cairn.test.v1.Bulk2', RARE], streamPrefixes: ['bulk-one-', 'rare'] }],
  ] as [string, EventFilter][])('by %s pages through what the filter wants, and nothing else', async (_, filter) => {
    const from = BigInt(BULK - 50);
    const wanted = (await withSession(database.url, (client) =>
      client.query<{ position: string; stream: string; type: string }>(
        'SELECT position, stream, type FROM event_store.events WHERE position >= $1 ORDER BY position LIMIT 400', [from]))).rows.filter((row) => passes(filter, row));
    const { events } = await followUntil(store, (found) => found.length >= wanted.length, { from, limit: 7, filter });
    expect(events.slice(0, wanted.length).map(({ position }) => String(position))).toEqual(wanted.map(({ position }) => position));
    expect(wanted.length).toBeGreaterThan(20);
  });

  it.each([
    ['by type', { types: [RARE] }, ['Index Only Scan using events_type_position']],
    ['by prefix', { streamPrefixes: ['rare-thing-'] }, ['using events_category_position', 'events_stream_revision_key']],
    ['by both', { types: [RARE], streamPrefixes: ['bulk-'] }, ['using events_type_position']],
  ] as [string, EventFilter, string[]][])('%s goes through indexes, and meets events by position only to answer them', async (_, filter, indexes) => {
    for (const text of await plans(filter)) {
      for (const index of indexes) expect(text).toContain(index);
      expect(text).not.toContain('Seq Scan on events');
      expect(text.match(/events_pkey/g)).toHaveLength(1);
    }
  });

  it('finds its indexes after tables of an earlier version were opened', async () => {
    const old = await createDatabase();
    await (await PostgresEventStore.open({ url: old.url })).close();
    await withSession(old.url, (client) => client.query('DROP INDEX event_store.events_type_position, event_store.events_category_position'));
    const reopened = await PostgresEventStore.open({ url: old.url });
    await reopened.append([appendTo('thing-a', 'any', someEvent())]);
    expect(await wholeLog(reopened)).toHaveLength(1);
    const { rows } = await withSession(old.url, (client) =>
      client.query("SELECT indexname FROM pg_indexes WHERE schemaname = 'event_store' AND indexname LIKE '%position' ORDER BY 1"));
    expect(rows.map(({ indexname }) => indexname)).toEqual(['events_category_position', 'events_type_position']);
    await reopened.close();
    await old.drop();
  });
});
