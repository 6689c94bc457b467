import { FixedClock } from '@cairn/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrivals, defineFeatures, FLIGHTS, flight, startFlightsStore, type FlightsStore } from '../testing/flights-store.js';

const VIEWS = '/features/v1/feature-views';
const NOW = '2001-01-09T00:00:00.000000Z';

describe('POST /features/v1/feature-views/{name}/materialize', () => {
  let store: FlightsStore;
  let version: string;
  beforeAll(async () => {
    store = await startFlightsStore({ shared: { clock: new FixedClock(NOW) } });
    version = await store.addVersion(1);
    await defineFeatures(store);
  });
  afterAll(() => store.close());

  const materialise = (body: object = {}, view = 'arrivals') => store.post(`${VIEWS}/${view}/materialize`, body);
  const online = (view = 'arrivals') => store.get(`${VIEWS}/${view}/online`);
  const defineView = (name: string, changes: object) => store.post(VIEWS, { ...arrivals, name, ...changes });
  const share = async (destination: string) => {
    const { body } = await store.post('/get-online-features', { entities: { destination: [destination] }, features: ['arrivals:late_share_3h'] });
    return { value: body.results[1].values[0], status: body.results[1].statuses[0], time: body.results[1].event_timestamps[0] };
  };

  describe('200', () => {
    it('says what is online, which was nothing before, and is now by default', async () => {
      expect((await online()).body).toEqual({ view: 'arrivals', version: 1, ttl_seconds: 0, until: null });
      const { status, body } = await materialise({ until: '2001-01-02T00:00:00Z' });
      expect(status).toBe(200);
      expect(body).toMatchObject({ until: '2001-01-02T00:00:00.000Z', entity_count: 3, dataset_version_ids: [version], features: ['late_share_3h', 'late_share_1h'] });
      expect((await online()).body).toEqual(body);
      expect((await materialise()).body.until).toBe('2001-01-09T00:00:00.000Z');
    });

    it('records the same values of the same moment once, and keeps the file where its digest leads', async () => {
      const first = (await materialise()).body;
      const size = await store.store.size();
      expect((await materialise()).body).toEqual(first);
      expect(await store.store.size()).toBe(size);
      expect((await fetch(`${store.url}/features/v1/historical/${first.digest}/data`)).status).toBe(200);
    });

    it('takes what came late for the same moment, and nothing that was known only later', async () => {
      const before = await share('ORD');
      // Every flight to ORD was late after all: rows of the last three hours that the first version lacked.
      const late = await store.addVersion(2, { sql: `SELECT * REPLACE (CAST(100 AS BIGINT) AS delay) FROM (${FLIGHTS}) WHERE destination = 'ORD'` });
      const { body } = await materialise({ dataset_version_ids: [late] });
      expect(body).toMatchObject({ until: '2001-01-09T00:00:00.000Z', entity_count: 1 });
      expect(await share('ORD')).toEqual({ value: 1, status: 'PRESENT', time: '2001-01-09T00:00:00Z' });
      expect(await share('SFO')).toMatchObject({ value: null, status: 'NOT_FOUND' });
      const replaced = "TIMESTAMP '2001-01-09' AS date, CAST(0 AS BIGINT) AS distance, CAST(100 AS BIGINT) AS delay";
      const future = await store.addVersion(3, { sql: `SELECT * REPLACE (${replaced}) FROM (${FLIGHTS})` });
      await materialise({ dataset_version_ids: [version, future] });
      expect(await share('ORD')).toEqual(before);
    });

    it('materialises views that know no entity, and columns of whole numbers', async () => {
      await defineView('everywhere', { entity_columns: [] });
      await defineView('by-distance', { entity_columns: ['distance', 'origin'] });
      await materialise({ dataset_version_ids: [version] }, 'everywhere');
      await materialise({ dataset_version_ids: [version] }, 'by-distance');
      const everywhere = await store.post('/get-online-features', { entities: {}, features: ['everywhere:late_share_3h'] });
      expect(everywhere.body.results).toMatchObject([{ statuses: ['PRESENT'] }]);
      const both = await store.post('/get-online-features', { entities: { origin: ['ATL', 'ATL'], distance: [100, '100'] }, features: ['by-distance:late_share_3h'] });
      expect(both.body.results[2].statuses).toEqual(['PRESENT', 'PRESENT']);
    });
  });

  describe('400', () => {
    it.each([
      ['a moment that lies ahead', { until: '2001-01-09T00:00:01Z' }, 'FUTURE_MOMENT'],
      ['a moment that is none', { until: 'yesterday' }, 'VALIDATION_FAILED'],
      ['an unknown field', { start: '2001-01-01T00:00:00Z' }, 'VALIDATION_FAILED'],
      ['no dataset version', { dataset_version_ids: [] }, 'VALIDATION_FAILED'],
    ])('refuses %s', async (_, body, code) => {
      expect(await materialise(body)).toMatchObject({ status: 400, body: { code } });
    });
  });

  describe('404', () => {
    it('knows no such view, version or dataset version', async () => {
      expect(await materialise({}, 'nobody')).toMatchObject({ status: 404, body: { code: 'FEATURE_VIEW_NOT_FOUND' } });
      expect(await materialise({ version: 9 })).toMatchObject({ status: 404, body: { code: 'FEATURE_VIEW_NOT_FOUND' } });
      expect(await online('nobody')).toMatchObject({ status: 404 });
      const id = '00000000-0000-7000-8000-00000000dead';
      expect(await materialise({ dataset_version_ids: [id] })).toMatchObject({ status: 404, body: { code: 'DATASET_VERSION_NOT_FOUND' } });
    });
  });

  describe('409', () => {
    it('never goes back to an older moment', async () => {
      const of = { dataset_version_ids: [version] };
      expect((await materialise(of)).status).toBe(200);
      expect(await materialise({ ...of, until: '2001-01-08T00:00:00Z' })).toMatchObject({ status: 409, body: { code: 'OLDER_MOMENT' } });
    });
  });

  describe('422', () => {
    it('takes certified versions alone, and those with rows that were known', async () => {
      const uncertified = await store.addVersion(4, { certified: false });
      expect(await materialise({ dataset_version_ids: [uncertified] })).toMatchObject({ status: 422, body: { code: 'NOT_CERTIFIED' } });
      await defineView('empty', {});
      expect(await materialise({ until: '1999-01-01T00:00:00Z' }, 'empty')).toMatchObject({ status: 422, body: { code: 'NO_ENTITIES' } });
    });

    it('refuses views whose values come with the request, and keys that can be written in several ways', async () => {
      await store.post(VIEWS, flight);
      expect(await materialise({}, 'flight')).toMatchObject({ status: 422, body: { code: 'NOTHING_TO_MATERIALISE' } });
      await defineView('by-date', { entity_columns: ['date'] });
      expect(await materialise({}, 'by-date')).toMatchObject({ status: 422, body: { code: 'KEY_TYPE' } });
    });

    it('refuses keys that are too long to be looked up', async () => {
      const long = await store.addVersion(5, { sql: `SELECT * REPLACE (repeat(destination, 1000) AS destination) FROM (${FLIGHTS})` });
      expect(await materialise({ dataset_version_ids: [long] })).toMatchObject({ status: 422, body: { code: 'KEY_TOO_LONG' } });
    });
  });
});
