import { PostgresEventStore } from '@cairn/event-store';
import { createDatabase, type TestDatabase } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineFeatures, request, startFlightsStore, type FlightsStore } from './testing/flights-store.js';
import { LossyStore } from './testing/lossy-store.js';

const PATH = '/features/v1/training-sets';
const WHOLE = ['TrainingSetRequested', 'LeakageCheckPassed', 'TrainingSetBuilt'];

describe('a training set whose build is cut short', () => {
  const lossy = new LossyStore();
  let database: TestDatabase;
  let inner: PostgresEventStore;
  let store: FlightsStore;
  let version: string;
  beforeAll(async () => {
    database = await createDatabase();
    inner = await PostgresEventStore.open({ url: database.url });
    store = await startFlightsStore({ database, shared: { store: lossy.over(inner) } });
    version = await store.addVersion(1);
    await defineFeatures(store);
  });
  afterAll(async () => {
    await store.close();
    await inner.close();
    await database.drop();
  });

  const ask = (key: string) => store.post(PATH, request(version), { 'idempotency-key': key });
  /** Whatever happened before: the repeated request is answered, and each fact stands in the log once, in order. */
  const expectWhole = async (key: string) => {
    const { status, body } = await ask(key);
    expect(status).toBe(201);
    expect(await store.factsOf(body.training_set_id)).toEqual(WHOLE);
    expect(body).toMatchObject({ state: 'built' });
    expect((await fetch(`${store.url}${PATH}/${body.training_set_id}/data`)).status).toBe(200);
    expect((await store.post('/features/v1/admin/rebuild', { swap: false })).body.identical).toBe(true);
  };

  it.each(['TrainingSetRequested', 'LeakageCheckPassed', 'TrainingSetBuilt'].flatMap((fact) => [[fact, false] as const, [fact, true] as const]))(
    'is whole after a repetition when the answer to %s is lost (stored: %s)',
    async (fact, stored) => {
      lossy.lose = { type: `cairn.features.v1.${fact}`, stored };
      expect((await ask(`${fact} ${stored}`)).status).toBe(503);
      await expectWhole(`${fact} ${stored}`);
    },
  );

  it('is whole after a repetition when the engine is killed under the join', async () => {
    const { tabular } = store.running.parts;
    // An endless question keeps the engine at work, so that it is there to be killed.
    const hostage = tabular.query('SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b').catch((error: unknown) => error);
    const answer = ask('engine killed');
    const pid = await Promise.resolve(tabular.enginePid);
    expect(pid).toBeTypeOf('number');
    process.kill(pid!, 'SIGKILL');
    expect(await hostage).toMatchObject({ code: 'ENGINE_CRASHED' });
    // Whether the kill came before, under or after the join's own question is left open: both answers are allowed, a half-built set is not.
    expect([201, 503]).toContain((await answer).status);
    await expectWhole('engine killed');
  });
});
