import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrivals, flight, startFlightsStore, type FlightsStore } from '../testing/flights-store.js';

const PATH = '/features/v1/feature-views';

describe('feature views', () => {
  let store: FlightsStore;
  beforeAll(async () => {
    store = await startFlightsStore();
    await store.addVersion(1, { certified: false });
  });
  afterAll(() => store.close());
  const define = (changes: object) => store.post(PATH, { ...arrivals, ...changes });

  describe('201', () => {
    it('defines a view, and a change of it as the next version', async () => {
      expect(await define({ name: 'landed' })).toMatchObject({ status: 201, body: { name: 'landed', version: 1 } });
      expect((await define({ name: 'landed', known_time: 'date' })).body).toMatchObject({ version: 2, known_time: 'date' });
    });
  });

  describe('200', () => {
    it('lists the newest of each by name, page by page', async () => {
      await store.post(PATH, flight);
      await define({ name: 'arrivals' });
      const first = (await store.get(`${PATH}?limit=1`)).body;
      expect(first.items.map(({ name }: { name: string }) => name)).toEqual(['arrivals']);
      const next = (await store.get(`${PATH}?limit=1&page_token=${first.next_page_token}`)).body;
      expect(next.items[0].name).toBe('flight');
    });
  });

  describe('400', () => {
    const [feature] = arrivals.features;
    it.each([
      ['no features', { features: [] }, 'VALIDATION_FAILED'],
      ['an unknown field', { colour: 'red' }, 'VALIDATION_FAILED'],
      ['two features of one name', { features: [feature, feature] }, 'DUPLICATE_FEATURE'],
      ['a window without length', { features: [{ ...feature, window_seconds: undefined }] }, 'WINDOW_INCOMPLETE'],
      ['a row feature without known time', { features: [{ name: 'x', kind: 'row', expression: 'delay' }] }, 'ROW_FEATURE_INCOMPLETE'],
      ['a subquery', { features: [{ ...feature, expression: '(SELECT 1)' }] }, 'INVALID_EXPRESSION'],
      ['a file function', { known_time: "read_text('/etc/hostname')" }, 'INVALID_EXPRESSION'],
      ['a known time that is no time', { known_time: 'delay' }, 'INVALID_EXPRESSION'],
      ['an entity column that is not there', { entity_columns: ['gate'] }, 'UNKNOWN_COLUMN'],
    ])('refuses %s', async (_, changes, code) => {
      expect(await define({ name: 'refused', ...changes })).toMatchObject({ status: 400, body: { code } });
      expect((await store.get(`${PATH}/refused`)).status).toBe(404);
    });
  });

  describe('404', () => {
    it('knows no view of that name, and no dataset that has no version', async () => {
      expect(await store.get(`${PATH}/nobody`)).toMatchObject({ status: 404, body: { code: 'FEATURE_VIEW_NOT_FOUND' } });
      expect(await define({ dataset_name: 'trains' })).toMatchObject({ status: 404, body: { code: 'DATASET_NOT_FOUND' } });
    });
  });
});
