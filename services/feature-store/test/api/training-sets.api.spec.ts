import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineFeatures, NOBODY, request, startFlightsStore, type FlightsStore } from '../testing/flights-store.js';

const PATH = '/features/v1/training-sets';
const COLUMNS = ['origin_late_share_3h', 'destination_late_share_3h', 'distance', 'label', 'prediction_time', 'source_row'];

describe('training sets', () => {
  let store: FlightsStore;
  let certified: string;
  beforeAll(async () => {
    store = await startFlightsStore();
    certified = await store.addVersion(1);
    await defineFeatures(store);
  });
  afterAll(() => store.close());
  const ask = (changes: object = {}, headers = {}) => store.post(PATH, request(certified, changes), headers);

  describe('201', () => {
    it('builds what was known before each moment of prediction, and gives its bytes', async () => {
      const { status, body } = await ask();
      expect(status).toBe(201);
      expect(body).toMatchObject({ state: 'built', columns: COLUMNS, leakage_check: { findings: [] } });
      expect(body.row_count).toBe(body.leakage_check.rows_checked);
      expect(await store.factsOf(body.training_set_id)).toEqual(['TrainingSetRequested', 'LeakageCheckPassed', 'TrainingSetBuilt']);
      const data = await fetch(`${store.url}${PATH}/${body.training_set_id}/data`);
      expect(data.headers.get('content-type')).toBe('application/vnd.apache.parquet');
      expect(`sha256:${createHash('sha256').update(Buffer.from(await data.arrayBuffer())).digest('hex')}`).toBe(body.digest);
    });

    it('gives the same digest for the same question, and another for another', async () => {
      const [first, second, other] = [await ask(), await ask(), await ask({ sample_every: 3 })];
      expect(second.body.training_set_id).not.toBe(first.body.training_set_id);
      expect(second.body.digest).toBe(first.body.digest);
      expect(other.body.digest).not.toBe(first.body.digest);
      expect(other.body.row_count).toBeLessThan(first.body.row_count);
    });

    it('records a repeated command once', async () => {
      const headers = { 'idempotency-key': 'the same request' };
      const first = (await ask({}, headers)).body;
      const size = await store.store.size();
      expect((await ask({}, headers)).body).toEqual(first);
      expect(await store.store.size()).toBe(size);
    });

    it('is found again', async () => {
      const { body } = await ask();
      expect((await store.get(`${PATH}/${body.training_set_id}`)).body).toEqual(body);
      expect((await store.get(`${PATH}?limit=1`)).body.items).toHaveLength(1);
    });
  });

  describe('400', () => {
    it.each([
      ['a missing name', { name: undefined }, 'VALIDATION_FAILED'],
      ['an unknown field', { shuffle: true }, 'VALIDATION_FAILED'],
      ['a version that is no id', { dataset_version_id: 'flights' }, 'VALIDATION_FAILED'],
      ['an empty range', { to: '2001-01-02T00:00:00Z' }, 'INVALID_RANGE'],
      ['a moment that is no time', { prediction_time: 'delay' }, 'INVALID_EXPRESSION'],
      ['a label with a subquery', { label: '(SELECT 1)' }, 'INVALID_EXPRESSION'],
      ['a label that is neither 0 nor 1', { label: 'delay' }, 'INVALID_LABEL'],
    ])('refuses %s', async (_, changes, code) => {
      const size = await store.store.size();
      expect(await ask(changes)).toMatchObject({ status: 400, body: { code } });
      expect(await store.store.size()).toBe(size);
    });
  });

  describe('404', () => {
    it('knows no such set, service or version', async () => {
      expect(await store.get(`${PATH}/${NOBODY}`)).toMatchObject({ status: 404, body: { code: 'TRAINING_SET_NOT_FOUND' } });
      expect(await ask({ feature_service: 'nobody' })).toMatchObject({ status: 404, body: { code: 'FEATURE_SERVICE_NOT_FOUND' } });
      expect(await ask({ dataset_version_id: NOBODY })).toMatchObject({ status: 404, body: { code: 'DATASET_VERSION_NOT_FOUND' } });
    });
  });

  describe('422', () => {
    it('learns from certified versions only, also where they only feed the windows', async () => {
      const raw = await store.addVersion(2, { certified: false });
      expect(await ask({ dataset_version_id: raw })).toMatchObject({ status: 422, body: { code: 'NOT_CERTIFIED' } });
      expect(await ask({ history_version_ids: [raw] })).toMatchObject({ status: 422, body: { code: 'NOT_CERTIFIED' } });
    });

    it('has no rows to learn from', async () => {
      expect(await ask({ from: '1999-01-01T00:00:00Z', to: '1999-02-01T00:00:00Z' })).toMatchObject({ status: 422, body: { code: 'NO_ROWS' } });
    });

    it('refuses a value that becomes known too late, with its evidence, and records that', async () => {
      const { status, headers, body } = await ask({ feature_service: 'delay-with-hour' });
      expect(status).toBe(422);
      expect(headers.get('content-type')).toMatch(/problem\+json/);
      expect(body).toMatchObject({ code: 'LEAKAGE_FOUND', findings: [{ feature: 'hour_of_departure', rule: 'known-after-prediction', worst_seconds: 1800 }] });
      expect(body.findings[0].examples[0]).toMatchObject({ source_row: expect.any(Number), prediction_time: expect.any(String), known_time: expect.any(String) });
      expect(await store.factsOf(body.training_set_id)).toEqual(['TrainingSetRequested', 'LeakageFound']);
      expect((await store.get(`${PATH}/${body.training_set_id}`)).body).toMatchObject({ state: 'leaking', digest: null });
      expect((await store.get(`${PATH}/${body.training_set_id}/data`)).body.code).toBe('NOT_BUILT');
    });

    it('suspects a feature that alone tells the label, whatever its known time says', async () => {
      const { body } = await ask({ feature_service: 'delay-with-outcome' });
      expect(body).toMatchObject({ code: 'LEAKAGE_FOUND', findings: [{ feature: 'outcome', rule: 'too-predictive', auc: 1 }] });
    });
  });
});
