import { createDatabase, type TestDatabase } from '@cairn/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inconsistencies } from '../testing/consistency.js';
import { appendTo, followUntil, someEvent, someEvents } from '../testing/events.js';
import { terminateSessions, withSession } from '../testing/session.js';
import { PostgresEventStore } from './postgres-event-store.js';

describe('the log in PostgreSQL', () => {
  let database: TestDatabase;
  let stores: PostgresEventStore[];
  const open = async (options: Partial<Parameters<typeof PostgresEventStore.open>[0]> = {}) => {
    const store = await PostgresEventStore.open({ url: database.url, ...options });
    stores.push(store);
    return store;
  };
  beforeEach(async () => {
    database = await createDatabase();
    stores = [];
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });

  it('makes its tables once when many processes start at the same moment', async () => {
    await Promise.all(Array.from({ length: 12 }, () => open({ poolSize: 1 })));
    await Promise.all(stores.map((store) => store.append([appendTo('thing-a', 'any', someEvent())])));
    expect(await inconsistencies(await open())).toEqual([]);
    expect(await stores[0]!.size()).toBe(12n);
  });

  it('says UNAVAILABLE when there is no server', async () => {
    await expect(PostgresEventStore.open({ url: 'postgres://nobody@127.0.0.1:1/none' })).rejects.toEqual(expect.objectContaining({ code: 'UNAVAILABLE' }));
  });

  it('shows no position before everything below it is committed', async () => {
    const store = await open();
    await store.append([appendTo('thing-a', 'none', someEvent())]);
    await withSession(database.url, async (writer) => {
      // A slow writer that has taken position 1 and not committed yet.
      await writer.query('BEGIN');
      await writer.query('UPDATE event_store.log_head SET size = size + 1');
      const next = store.append([appendTo('thing-b', 'none', someEvent())]);
      const follower = followUntil(store, (events) => events.length === 3);
      expect((await store.readAll(0n)).events).toHaveLength(1);
      const body = (await store.readRecords(0n)).events[0]!;
      await writer.query("INSERT INTO event_store.events VALUES (1, 'thing-a', 1, gen_random_uuid(), 'cairn.test.v1.Slow', $1, $2)", [body.body, body.leaf]);
      expect((await store.readAll(0n, { filter: { streamPrefixes: ['thing'] } })).next).toBe(1n);
      await writer.query('COMMIT');
      expect(await next).toMatchObject([{ position: 2n }]);
      expect((await follower).events.map(({ position }) => position)).toEqual([0n, 1n, 2n]);
    });
  });

  it('refuses more than its queue holds, and stores what it took', async () => {
    const store = await open({ limits: { maxQueuedAppends: 10 } });
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => store.append([appendTo(`thing-${index}`, 'none', someEvent())])));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(outcomes.slice(0, 10).every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(refused.length).toBe(30);
    for (const { reason } of refused) expect(reason).toEqual(expect.objectContaining({ code: 'OVERLOADED' }));
    expect(await store.size()).toBe(10n);
  });

  it('takes an append that is larger than a batch', async () => {
    const store = await open();
    const events = Array.from({ length: 400 }, () => someEvent({ text: 'é'.repeat(5_000) }));
    const [large, small] = await Promise.all([store.append([appendTo('thing-a', 'none', ...events)]), store.append([appendTo('thing-b', 'none', someEvent())])]);
    expect([large[0]?.position, small[0]?.position]).toEqual([399n, 400n]);
    expect(await inconsistencies(store)).toEqual([]);
  });

  it('finishes what waits when it is closed', async () => {
    const store = await open();
    const appended = Promise.all(Array.from({ length: 600 }, (_, index) => store.append([appendTo(`thing-${index}`, 'none', someEvent())])));
    await store.close();
    expect(await appended).toHaveLength(600);
    expect(await (await open()).size()).toBe(600n);
  });

  it('follows on after its connections were ended', async () => {
    const [store, other] = [await open(), await open()];
    const abort = new AbortController();
    let seen = 0;
    await other.append([appendTo('thing-a', 'none', someEvent())]);
    for await (const page of store.follow(0n, { signal: abort.signal })) {
      seen += page.events.length;
      if (seen === 2) {
        expect(await terminateSessions(database.url, 'listener')).toBe(1);
        await terminateSessions(database.url, 'reads');
      }
      if (seen < 5) await other.append([appendTo('thing-a', 'any', someEvent())]);
      else abort.abort();
    }
    expect(seen).toBe(5);
  });

  it('hears what another process appends', async () => {
    const store = await open();
    const listening = new Client({ connectionString: database.url });
    await listening.connect();
    await listening.query('LISTEN cairn_events');
    const heard = new Promise((resolve) => listening.on('notification', ({ payload }) => resolve(payload)));
    await store.append([appendTo('thing-a', 'none', ...someEvents(3))]);
    expect(await heard).toBe('3');
    await listening.end();
  });
});
