import { afterAll, beforeAll, expect, describe, it } from 'vitest';
import { defineFeatures, request, startFlightsStore, type FlightsStore } from '../testing/flights-store.js';

describe('the feature store rebuilt from the log', () => {
  let store: FlightsStore;
  beforeAll(async () => {
    store = await startFlightsStore();
    const version = await store.addVersion(1);
    await store.addVersion(2, { certified: false });
    await defineFeatures(store);
    for (const feature_service of ['delay', 'delay-with-hour']) await store.post('/features/v1/training-sets', request(version, { feature_service }));
    await store.post('/features/v1/feature-views/arrivals/materialize', { until: '2001-01-05T00:00:00Z', dataset_version_ids: [version] });
  });
  afterAll(() => store.close());
  const rebuild = (swap: boolean) => store.post('/features/v1/admin/rebuild', { swap });

  it('is identical', async () => {
    const { status, body } = await rebuild(false);
    expect(status).toBe(200);
    expect(body.identical).toBe(true);
    const rows = Object.fromEntries(body.tables.map(({ table, rows_rebuilt }: { table: string; rows_rebuilt: number }) => [table, rows_rebuilt]));
    expect(rows).toEqual({ known_version: 2, feature_view: 2, feature_service: 3, training_set: 2, online_view: 1 });
  });

  it('answers the same values online, also when their rows are gone', async () => {
    const ask = () => store.post('/get-online-features', { entities: { destination: ['ORD', 'SFO', 'JFK'] }, features: ['arrivals:late_share_3h'] });
    const before = await ask();
    expect(before.body.results[1].statuses).toEqual(['PRESENT', 'PRESENT', 'NOT_FOUND']);
    await store.running.parts.stateful!.dataSource.query('TRUNCATE online_file, online_row');
    await rebuild(true);
    expect((await ask()).body).toEqual(before.body);
  });

  it('takes back a certification that nobody gave', async () => {
    await store.running.parts.stateful!.dataSource.query('UPDATE known_version SET certified = true');
    expect((await rebuild(true)).body.identical).toBe(false);
    expect((await rebuild(false)).body.identical).toBe(true);
  });
});
