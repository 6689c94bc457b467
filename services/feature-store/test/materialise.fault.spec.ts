import { PostgresEventStore } from '@cairn/event-store';
import { derivedId, streamName } from '@cairn/kernel';
import { createDatabase, type TestDatabase } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineFeatures, startFlightsStore, type FlightsStore } from './testing/flights-store.js';
import { LossyStore } from './testing/lossy-store.js';

const BEFORE = '2001-01-03T00:00:00.000Z';

describe('a materialisation that is cut short', () => {
  const lossy = new LossyStore();
  let database: TestDatabase;
  let inner: PostgresEventStore;
  let store: FlightsStore;
  beforeAll(async () => {
    database = await createDatabase();
    inner = await PostgresEventStore.open({ url: database.url });
    store = await startFlightsStore({ database, shared: { store: lossy.over(inner) } });
    await store.addVersion(1);
    await defineFeatures(store);
    expect((await materialise(BEFORE)).status).toBe(200);
  });
  afterAll(async () => {
    await store.close();
    await inner.close();
    await database.drop();
  });

  const materialise = (until: string) => store.post('/features/v1/feature-views/arrivals/materialize', { until });
  const asked = async () => {
    const { body } = await store.post('/get-online-features', { entities: { destination: ['ORD', 'SFO', 'ATL'] }, features: ['arrivals:late_share_3h'] });
    return { time: body.results[1].event_timestamps[0], statuses: body.results[1].statuses, values: body.results[1].values };
  };
  const facts = async () => {
    const { body } = await store.get('/features/v1/feature-views/arrivals');
    return (await store.store.readStream(streamName('online-view', derivedId('online-view', body.view_id, '1')))).length;
  };
  /** Whatever happened before: the repeated request is answered, and is one fact more than there were. */
  const expectWhole = async (until: string, before: number) => {
    expect(await materialise(until)).toMatchObject({ status: 200, body: { until } });
    expect(await facts()).toBe(before + 1);
    expect(await asked()).toMatchObject({ time: until.replace('.000Z', 'Z'), statuses: ['PRESENT', 'PRESENT', 'PRESENT'] });
    expect((await store.post('/features/v1/admin/rebuild', { swap: false })).body.identical).toBe(true);
  };

  it('answers what was online before, between file and fact, and is whole after a repetition', async () => {
    const before = await asked();
    const count = await facts();
    lossy.lose = { type: 'cairn.features.v1.FeaturesMaterialised', stored: false };
    expect((await materialise('2001-01-04T00:00:00.000Z')).status).toBe(503);
    expect(await asked()).toEqual(before);
    await expectWhole('2001-01-04T00:00:00.000Z', count);
  });

  it('is whole when the fact was stored and its answer lost', async () => {
    const count = await facts();
    lossy.lose = { type: 'cairn.features.v1.FeaturesMaterialised', stored: true };
    expect((await materialise('2001-01-05T00:00:00.000Z')).status).toBe(503);
    await expectWhole('2001-01-05T00:00:00.000Z', count);
  });

  it('is whole after a repetition when the engine is killed under it', async () => {
    const count = await facts();
    const { tabular } = store.running.parts;
    // An endless question keeps the engine at work, so that it is there to be killed.
    const hostage = tabular.query('SELECT sum(a.range * b.range) FROM range(10000000) AS a, range(10000000) AS b').catch((error: unknown) => error);
    const answer = materialise('2001-01-06T00:00:00.000Z');
    process.kill(tabular.enginePid!, 'SIGKILL');
    expect(await hostage).toMatchObject({ code: 'ENGINE_CRASHED' });
    expect([200, 503]).toContain((await answer).status);
    await expectWhole('2001-01-06T00:00:00.000Z', count);
  });

  it('answers one moment or the other while it goes on, and never none', async () => {
    const seen = new Set<string>();
    let over = false;
    const reading = (async () => {
      while (!over) {
        const { time, statuses } = await asked();
        expect(statuses).toEqual(['PRESENT', 'PRESENT', 'PRESENT']);
        seen.add(time);
      }
    })();
    // What nobody answers from is dropped at once, as it would be after a while.
    const dropping = () => store.running.parts.stateful!.dataSource.query(`UPDATE online_file SET loaded_at = loaded_at - interval '1 day'`);
    for (const hour of ['01', '02', '03']) {
      await dropping();
      expect((await materialise(`2001-01-06T${hour}:00:00.000Z`)).status).toBe(200);
    }
    over = true;
    await reading;
    expect([...seen].every((time) => time.startsWith('2001-01-06T0'))).toBe(true);
    await dropping();
    await materialise('2001-01-06T04:00:00.000Z');
    const [{ count }] = await store.running.parts.stateful!.dataSource.query('SELECT count(*)::int AS count FROM online_file WHERE loaded_at < now() - interval \'1 hour\'');
    expect(count).toBe(0);
  });
});
