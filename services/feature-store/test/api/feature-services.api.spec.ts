import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrivals, defineFeatures, honest, startFlightsStore, type FlightsStore } from '../testing/flights-store.js';

const PATH = '/features/v1/feature-services';

describe('feature services', () => {
  let store: FlightsStore;
  beforeAll(async () => {
    store = await startFlightsStore();
    await store.addVersion(1);
    await defineFeatures(store);
  });
  afterAll(() => store.close());
  const define = (features: readonly object[], name = 'other') => store.post(PATH, { name, features });

  describe('201', () => {
    it('joins one feature under two columns and keeps their order', async () => {
      const { status, body } = await define(honest);
      expect(status).toBe(201);
      expect(body.features.map(({ column }: { column: string }) => column)).toEqual(['origin_late_share_3h', 'destination_late_share_3h', 'distance']);
    });

    it('keeps the version of the view it was defined with', async () => {
      await define(honest, 'kept');
      await store.post('/features/v1/feature-views', { ...arrivals, known_time: 'date + INTERVAL 9 HOUR' });
      expect((await store.get(`${PATH}/kept`)).body.features[0]).toMatchObject({ view: 'arrivals', view_version: 1 });
      expect((await define(honest, 'kept')).body).toMatchObject({ version: 2, features: [{ view_version: 2 }, { view_version: 2 }, { view_version: 1 }] });
      const first = await store.get(`${PATH}/kept?version=1`);
      expect(first.body).toMatchObject({ version: 1, features: [{ view_version: 1, kind: 'window', default_value: 0.2 }, { kind: 'window' }, { kind: 'row' }] });
    });
  });

  describe('400', () => {
    const [feature] = honest;
    it.each([
      ['no features', [], 'VALIDATION_FAILED'],
      ['two features of one column', [feature, feature], 'DUPLICATE_COLUMN'],
      ['a column that every training set has', [{ ...feature, column: 'label' }], 'RESERVED_COLUMN'],
      ['too few join columns', [{ ...feature, join_columns: [] }], 'JOIN_COLUMNS_MISMATCH'],
    ])('refuses %s', async (_, features, code) => {
      expect(await define(features as object[])).toMatchObject({ status: 400, body: { code } });
    });
  });

  describe('404', () => {
    it('knows no such service, view, version or feature', async () => {
      const [feature] = honest;
      expect(await store.get(`${PATH}/nobody`)).toMatchObject({ status: 404, body: { code: 'FEATURE_SERVICE_NOT_FOUND' } });
      expect(await store.get(`${PATH}/delay?version=9`)).toMatchObject({ status: 404, body: { code: 'FEATURE_SERVICE_NOT_FOUND' } });
      expect(await define([{ ...feature, view: 'nobody' }])).toMatchObject({ status: 404, body: { code: 'FEATURE_VIEW_NOT_FOUND' } });
      expect(await define([{ ...feature, view_version: 99 }])).toMatchObject({ status: 404, body: { code: 'FEATURE_VIEW_NOT_FOUND' } });
      expect(await define([{ ...feature, feature: 'nobody' }])).toMatchObject({ status: 404, body: { code: 'FEATURE_NOT_FOUND' } });
    });
  });
});
