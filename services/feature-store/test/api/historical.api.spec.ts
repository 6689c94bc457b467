import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineFeatures, FLIGHTS, LATE, request, startFlightsStore, type FlightsStore } from '../testing/flights-store.js';

const PATH = '/features/v1/historical';
const SPLIT = `TIMESTAMP '2001-01-05'`;

describe('historical features', () => {
  let store: FlightsStore;
  let [whole, before, after]: string[] = [];
  beforeAll(async () => {
    store = await startFlightsStore();
    whole = await store.addVersion(1);
    before = await store.addVersion(2, { sql: `SELECT * FROM (${FLIGHTS}) WHERE date < ${SPLIT} ORDER BY date` });
    after = await store.addVersion(3, { sql: `SELECT * FROM (${FLIGHTS}) WHERE date >= ${SPLIT} ORDER BY date` });
    await defineFeatures(store);
  });
  afterAll(() => store.close());

  const ask = (changes: object = {}) => {
    const question = request(after!, { from: '2001-01-05T00:00:00Z', name: undefined, label: undefined });
    return store.post(PATH, { ...question, ...changes });
  };
  const rowsOf = async (digest: string) => {
    const { objectStore, tabular } = store.running.parts;
    return tabular.query('SELECT * EXCLUDE (source_row) FROM rows ORDER BY prediction_time', [], { tables: { rows: await objectStore.localPath(digest as `sha256:${string}`) } });
  };

  describe('200', () => {
    it('gives features and what was asked to come along, records nothing, and hands out the bytes', async () => {
      const size = await store.store.size();
      const { status, body } = await ask({ carry: [{ name: 'label', expression: LATE }] });
      expect(status).toBe(200);
      expect(body.columns).toEqual(['origin_late_share_3h', 'destination_late_share_3h', 'distance', 'label', 'prediction_time', 'source_row']);
      expect(await store.store.size()).toBe(size);
      expect((await fetch(`${store.url}${PATH}/${body.digest}/data`)).status).toBe(200);
    });

    it('fills the windows from history, so that a cut in the data does not show', async () => {
      const inOne = await rowsOf((await ask({ dataset_version_id: whole })).body.digest);
      const inTwo = await rowsOf((await ask({ history_version_ids: [before] })).body.digest);
      const alone = await rowsOf((await ask()).body.digest);
      // The first half hour's moments lie before the cut, so those flights are in both.
      expect(inTwo).toEqual(inOne.slice(-inTwo.length));
      expect(alone).not.toEqual(inTwo);
    });
  });

  describe('400', () => {
    it.each([
      ['a carried name that is no name', { carry: [{ name: 'Not A Name', expression: '1' }] }, 'VALIDATION_FAILED'],
      ['a label, which it does not use', { label: LATE }, 'VALIDATION_FAILED'],
      ['a carried subquery', { carry: [{ name: 'x', expression: '(SELECT 1)' }] }, 'INVALID_EXPRESSION'],
    ])('refuses %s', async (_, changes, code) => {
      expect(await ask(changes)).toMatchObject({ status: 400, body: { code } });
    });
  });

  describe('404', () => {
    it('has no such file', async () => {
      expect(await store.get(`${PATH}/sha256:${'0'.repeat(64)}/data`)).toMatchObject({ status: 404, body: { code: 'OBJECT_NOT_FOUND' } });
    });
  });
});
