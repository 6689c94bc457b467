import { createDatabase, waitUntil, type TestDatabase } from '@cairn/testing';
import type { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inconsistencies } from '../testing/consistency.js';
import { appendTo, someEvent } from '../testing/events.js';
import { withSession } from '../testing/session.js';
import { Connection } from './connection.js';
import { PostgresEventStore } from './postgres-event-store.js';

const LOCK = 'SELECT size FROM event_store.log_head FOR UPDATE';

async function isWaiting(client: Client): Promise<boolean> {
  const { rows } = await client.query(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cairn appends' AND wait_event_type = 'Lock'",
  );
  return rows.length > 0;
}

describe('somebody holds the head row', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  const append = () => store.append([appendTo(`thing-${someEvent().id}`, 'none', someEvent())]);
  beforeEach(async () => {
    database = await createDatabase();
    store = await PostgresEventStore.open({ url: database.url, limits: { giveUpAfterMs: 200, lockTimeoutMs: 100, maxQueuedAppends: 20 } });
  });
  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  it('and does not let go: appends end as UNAVAILABLE, more than the queue holds as OVERLOADED, and the log can still be read', async () => {
    await append();
    await withSession(database.url, async (stuck) => {
      await stuck.query('BEGIN');
      await stuck.query(LOCK);
      const outcomes = await Promise.allSettled(Array.from({ length: 60 }, append));
      const codes = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : 'stored'));
      expect(codes.filter((code) => code === 'UNAVAILABLE')).toHaveLength(20);
      expect(codes.filter((code) => code === 'OVERLOADED')).toHaveLength(40);
      expect((await store.readAll(0n)).events).toHaveLength(1);
      await stuck.query('ROLLBACK');
    });
    expect(await append()).toMatchObject([{ position: 1n }]);
    expect(await inconsistencies(store)).toEqual([]);
  });

  it('for a while: an append that waits is stored once it is free', async () => {
    const patient = await PostgresEventStore.open({ url: database.url, limits: { lockTimeoutMs: 500 } });
    await withSession(database.url, async (stuck) => {
      await stuck.query('BEGIN');
      await stuck.query(LOCK);
      const waiting = patient.append([appendTo('thing-a', 'none', someEvent())]);
      await waitUntil('the append waits for the lock', () => withSession(database.url, isWaiting));
      await stuck.query('ROLLBACK');
      expect(await waiting).toMatchObject([{ position: 0n }]);
    });
    await patient.close();
  });

  it('and is a process of ours that stopped in the middle: the server ends its transaction, and others append', async () => {
    const stopped = await Connection.open(database.url, 'appends', { lockTimeoutMs: 100 });
    await stopped.run(`BEGIN; ${LOCK}`);
    const patient = await PostgresEventStore.open({ url: database.url });
    expect(await patient.append([appendTo('thing-a', 'none', someEvent())])).toMatchObject([{ position: 0n }]);
    await waitUntil('the stopped one has lost its session', () => stopped.lost);
    await patient.close();
  });
});
