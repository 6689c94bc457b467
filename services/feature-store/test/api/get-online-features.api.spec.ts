import { FixedClock } from '@cairn/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrivals, defineFeatures, startFlightsStore, type FlightsStore } from '../testing/flights-store.js';

const PATH = '/get-online-features';
const UNTIL = '2001-01-05T12:00:00Z';
const NONE = '1970-01-01T00:00:00Z';

describe('POST /get-online-features', () => {
  const clock = new FixedClock('2001-01-05T12:30:00.000000Z');
  let store: FlightsStore;
  beforeAll(async () => {
    store = await startFlightsStore({ shared: { clock } });
    await store.addVersion(1);
    await defineFeatures(store);
    await store.post('/materialize', { end_ts: UNTIL });
  });
  afterAll(() => store.close());

  const ask = (body: object, headers = {}) => store.post(PATH, { features: ['arrivals:late_share_3h'], entities: { destination: ['ORD'] }, ...body }, headers);

  describe('200', () => {
    it('answers feature by feature, entities first, with status and time of each value', async () => {
      const { status, body } = await ask({ entities: { destination: ['ORD', 'JFK', 'SFO'] }, features: ['arrivals:late_share_3h', 'arrivals@v1:late_share_1h'] });
      expect(status).toBe(200);
      expect(body.metadata).toEqual({ feature_names: ['destination', 'late_share_3h', 'late_share_1h'] });
      expect(body.results).toHaveLength(3);
      expect(body.results[0]).toEqual({ values: ['ORD', 'JFK', 'SFO'], statuses: ['PRESENT', 'PRESENT', 'PRESENT'], event_timestamps: [NONE, NONE, NONE] });
      for (const { values, statuses, event_timestamps } of body.results.slice(1)) {
        expect(statuses).toEqual(['PRESENT', 'NOT_FOUND', 'PRESENT']);
        expect(values).toEqual([expect.any(Number), null, expect.any(Number)]);
        expect(event_timestamps).toEqual([UNTIL, NONE, UNTIL]);
      }
    });

    it('answers a feature service under the names of its columns, each by its own entity, without what comes with the request', async () => {
      const { body } = await ask({ features: undefined, feature_service: 'delay', entities: { origin: ['ORD'], destination: ['SFO'] } });
      expect(body.metadata.feature_names).toEqual(['origin', 'destination', 'origin_late_share_3h', 'destination_late_share_3h']);
      const one = async (destination: string) => (await ask({ entities: { destination: [destination] } })).body.results[1].values;
      expect(body.results[2].values).toEqual(await one('ORD'));
      expect(body.results[3].values).toEqual(await one('SFO'));
    });

    it('writes whole values with a decimal point, and full names when asked', async () => {
      const response = await fetch(`${store.url}${PATH}`, {
        method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ entities: { destination: ['ORD'] }, features: ['arrivals:late_share_1h'], full_feature_names: true }),
      });
      expect(response.headers.get('content-type')).toContain('application/json');
      const text = await response.text();
      expect(JSON.parse(text).metadata.feature_names).toEqual(['destination', 'arrivals__late_share_1h']);
      expect(text).toMatch(/"values":\[\d+\.\d+\]/);
    });

    it('gives nothing that is older than the view allows', async () => {
      await store.post('/features/v1/feature-views', { ...arrivals, name: 'short-lived', ttl_seconds: 1_800 });
      await store.post('/features/v1/feature-views/short-lived/materialize', { until: UNTIL });
      const asked = { features: ['short-lived:late_share_3h'], entities: { destination: ['ORD', 'JFK'] } };
      expect((await ask(asked)).body.results[1].statuses).toEqual(['PRESENT', 'NOT_FOUND']);
      clock.time = '2001-01-05T12:30:00.001000Z';
      expect((await ask(asked)).body.results[1]).toEqual({ values: [null, null], statuses: ['OUTSIDE_MAX_AGE', 'NOT_FOUND'], event_timestamps: [UNTIL, NONE] });
    });

    it('finds nothing where nothing was materialised, as after a change of the view', async () => {
      await store.post('/features/v1/feature-views', { ...arrivals, name: 'changing' });
      expect((await ask({ features: ['changing:late_share_3h'] })).body.results[1].statuses).toEqual(['NOT_FOUND']);
    });

    it('reads the rows of a file again when they are gone', async () => {
      const before = (await ask({})).body;
      await store.running.parts.stateful!.dataSource.query('DELETE FROM online_file');
      const asked = await Promise.all([ask({}), ask({}), ask({})]);
      expect(asked.map(({ body }) => body)).toEqual([before, before, before]);
    });
  });

  describe('400', () => {
    it.each([
      ['no entity', { entities: {} }, 'INVALID_ENTITIES'],
      ['an entity that no feature needs', { entities: { destination: ['ORD'], origin: ['ORD'] } }, 'INVALID_ENTITIES'],
      ['lists of different lengths', { features: undefined, feature_service: 'delay', entities: { origin: ['ORD'], destination: [] } }, 'INVALID_ENTITIES'],
      ['an entity without a list', { entities: { destination: 'ORD' } }, 'INVALID_ENTITIES'],
      ['a key that is no key', { entities: { destination: [1.5] } }, 'INVALID_ENTITIES'],
      ['a key that is nothing', { entities: { destination: [null] } }, 'INVALID_ENTITIES'],
      ['more rows than it answers', { entities: { destination: new Array(16_385).fill('ORD') } }, 'INVALID_ENTITIES'],
      ['no entities at all', { entities: undefined }, 'VALIDATION_FAILED'],
      ['a reference that is none', { features: ['late_share_3h'] }, 'INVALID_FEATURE'],
      ['neither features nor service', { features: undefined }, 'INVALID_FEATURE'],
      ['both', { feature_service: 'delay' }, 'INVALID_FEATURE'],
      ['a feature of the predicted row', { features: ['flight:distance'], entities: {} }, 'NOT_ONLINE'],
      ['a feature twice', { features: ['arrivals:late_share_3h', 'arrivals:late_share_3h'] }, 'FEATURE_NAME_COLLISION'],
      ['an unknown field', { colour: 'red' }, 'VALIDATION_FAILED'],
    ])('refuses %s', async (_, body, code) => {
      expect(await ask(body)).toMatchObject({ status: 400, body: { code } });
    });
  });

  describe('404', () => {
    it.each([
      ['view', { features: ['nobody:x'] }, 'FEATURE_VIEW_NOT_FOUND'],
      ['version of a view', { features: ['arrivals@v9:late_share_3h'] }, 'FEATURE_VIEW_NOT_FOUND'],
      ['feature', { features: ['arrivals:x'] }, 'FEATURE_NOT_FOUND'],
      ['service', { features: undefined, feature_service: 'nobody' }, 'FEATURE_SERVICE_NOT_FOUND'],
    ])('knows no such %s', async (_, body, code) => {
      expect(await ask(body)).toMatchObject({ status: 404, body: { code } });
    });

    it('knows nothing of other workspaces', async () => {
      expect(await ask({}, { 'x-cairn-workspace': 'other' })).toMatchObject({ status: 404, body: { code: 'FEATURE_VIEW_NOT_FOUND' } });
    });
  });
});
