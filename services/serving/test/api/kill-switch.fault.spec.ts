import { EventStoreError, PostgresEventStore, type EventStore, type StreamAppend } from '@cairn/event-store';
import { createDatabase, waitUntil, type TestDatabase } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../support/serving.js';

const FACT = 'cairn.serving.v1.KillSwitchEngaged';

describe('the answer of the log is lost when the kill switch is thrown', () => {
  let database: TestDatabase;
  let store: PostgresEventStore;
  let serving: Serving;
  /** What becomes of the next one. */
  let lost: 'stored' | 'not stored' | undefined;

  const append = async (appends: readonly StreamAppend[]) => {
    const loses = lost !== undefined && appends.some(({ events }) => events.some(({ type }) => type === FACT));
    if (!loses) return store.append(appends);
    const isStored = lost === 'stored';
    lost = undefined;
    if (isStored) await store.append(appends);
    throw new EventStoreError('UNAVAILABLE', 'the answer was lost');
  };

  beforeEach(async () => {
    database = await createDatabase();
    store = await PostgresEventStore.open({ url: database.url });
    const lossy = new Proxy<EventStore>(store, {
      get: (target, name) => {
        if (name === 'append') return append;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    serving = await startServing({ database, shared: { store: lossy } });
    await serving.deploy('delays', 1);
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
  });

  afterEach(async () => {
    await serving.close();
    await store.close();
    await database.drop();
  });

  const kill = (key: string) => serving.fetchJson('POST', '/serving/v1/deployments/delays/kill', { reason: 'it is wrong' }, { 'idempotency-key': key });
  const arm = async () => (await serving.infer('delays', [[1, 2]])).body.parameters.arm;

  it('not stored: nothing has changed, and the next attempt throws it', async () => {
    lost = 'not stored';
    expect((await kill('first')).status).toBe(503);
    expect(await arm()).toBe('live');
    expect(await kill('first')).toMatchObject({ status: 200, body: { kill_switch: { state: 'engaged' } } });
    await isOnOnce();
  });

  it('stored: it is on all the same, and the next attempt says so, whether or not it is known for the same', async () => {
    lost = 'stored';
    expect((await kill('first')).status).toBe(503);
    await waitUntil('the switch is on', async () => (await arm()) === 'fallback');
    for (const key of ['first', 'another']) expect(await kill(key)).toMatchObject({ status: 200, body: { kill_switch: { state: 'engaged' } } });
    await isOnOnce();
  });

  async function isOnOnce() {
    expect(await arm()).toBe('fallback');
    expect((await store.readAll(0n, { filter: { types: [FACT] } })).events).toHaveLength(1);
    expect((await serving.fetchJson('POST', '/serving/v1/admin/rebuild', { swap: false })).body).toMatchObject({ identical: true });
  }
});
