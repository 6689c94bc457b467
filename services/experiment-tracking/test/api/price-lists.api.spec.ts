import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prices } from '../support/price-list.js';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('/tracking/v1/price-lists', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  const declare = (body: unknown, workspace = 'default') => tracking.fetchJson('POST', '/tracking/v1/price-lists', body, { 'x-cairn-workspace': workspace });
  const list = (workspace: string, query = '') => tracking.fetchJson('GET', `/tracking/v1/price-lists${query}`, undefined, { 'x-cairn-workspace': workspace });

  describe('201', () => {
    it('numbers the versions of a workspace, and makes none of the same list', async () => {
      expect(await declare(prices, 'red')).toMatchObject({ status: 201, body: { ...prices, version: 1, declared_by: 'local' } });
      expect(await declare(prices, 'red')).toMatchObject({ status: 201, body: { version: 1 } });
      expect(await declare({ ...prices, energy_kwh_price: '0.31' }, 'red')).toMatchObject({ status: 201, body: { version: 2, energy_kwh_price: '0.31' } });
      expect(await declare(prices, 'blue')).toMatchObject({ status: 201, body: { version: 1 } });
    });

    it('needs no powers and no GPUs', async () => {
      const { status, body } = await declare({ ...prices, gpus: undefined, cpu_core_watts: undefined }, 'least');
      expect([status, body.gpus, 'cpu_core_watts' in body]).toEqual([201, [], false]);
    });
  });

  describe('200', () => {
    it('lists all versions, newest first, in pages', async () => {
      for (const cpu_hour_price of ['1', '2', '3']) await declare({ ...prices, cpu_hour_price }, 'green');
      const first = await list('green', '?limit=2');
      expect(first.body.items.map(({ version }: { version: number }) => version)).toEqual([3, 2]);
      expect((await list('green', `?limit=2&page_token=${first.body.next_page_token}`)).body).toEqual({ items: [expect.objectContaining({ version: 1, cpu_hour_price: '1' })] });
      expect((await list('nobody')).body).toEqual({ items: [] });
    });
  });

  describe('400', () => {
    it.each<[string, object]>([
      ['a price as a number', { cpu_hour_price: 0.05 }], ['a negative price', { cpu_hour_price: '-1' }], ['no factor', { grid_gco2e_per_kwh: undefined }],
      ['a currency in words', { currency: 'Euro' }], ['a time in words', { valid_from_ms: 'now' }], ['a GPU without a price', { gpus: [{ model: 'H200' }] }],
      ['lists of GPUs', { gpus: [[]] }],
      ['a region with NUL', { grid_region: '\0' }], ['a field that is none', { discount: '1' }], ['a price that is too exact', { energy_kwh_price: '0.0123456789' }],
    ])('refuses %s', async (_, changes) => {
      expect(await declare({ ...prices, ...changes })).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });

    it('refuses a GPU with two prices', async () => {
      expect(await declare({ ...prices, gpus: [...prices.gpus, ...prices.gpus] })).toMatchObject({ status: 400, body: { code: 'INVALID_PRICE_LIST' } });
    });

    it('refuses a page token of another list', async () => {
      expect(await list('red', `?page_token=${Buffer.from('x').toString('base64url')}`)).toMatchObject({ status: 400, body: { code: 'INVALID_PAGE_TOKEN' } });
    });
  });
});
