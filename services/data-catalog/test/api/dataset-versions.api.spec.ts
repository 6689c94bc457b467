import { startTestService, type TestService } from '@cairn/testing';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';

const PARQUET = 'application/vnd.apache.parquet';
const NOBODY = '00000000-0000-7000-8000-000000000000';
const contract = (maximum: number, version = '1.0.0') => `
apiVersion: v3.1.0
kind: DataContract
id: trips
version: ${version}
status: active
schema:
  - name: trips
    properties:
      - name: minutes
        required: true
        logicalTypeOptions: { minimum: 0, maximum: ${maximum} }
        customProperties: [{ property: unit, value: min }]
      - name: city
        logicalTypeOptions: { pattern: "[A-Z]{3}" }
`;

describe('dataset versions', () => {
  let catalog: TestService;
  let digest: string;

  beforeAll(async () => {
    catalog = await startTestService(service);
    const file = parquetWriteBuffer({
      columnData: [
        { name: 'minutes', data: [10, -1116, 30, 40], type: 'INT32' },
        { name: 'city', data: ['BER', 'PAR', 'nyc', 'ROM'], type: 'STRING' },
      ],
    });
    ({ digest } = (await send('/catalog/v1/uploads', new Uint8Array(file), PARQUET)).body);
    await catalog.fetchJson('POST', '/catalog/v1/datasets', { name: 'trips' });
    await send('/catalog/v1/contracts', contract(60), 'application/yaml');
  });
  afterAll(() => catalog.close());

  async function send(path: string, body: string | Uint8Array<ArrayBuffer>, contentType: string) {
    const response = await fetch(`${catalog.url}${path}`, { method: 'POST', headers: { 'content-type': contentType }, body });
    const answer = (await response.json()) as { digest: string; code?: string };
    return { status: response.status, body: answer };
  }
  const post = (path: string, body: object = {}) => catalog.fetchJson('POST', path, body);
  const register = async (changes: object = {}) => post('/catalog/v1/datasets/trips/versions', { digest, origin: 'a spec', ...changes });

  describe('201', () => {
    it('registers what was uploaded, with shape and profile', async () => {
      const { status, body } = await register();
      expect(status).toBe(201);
      expect(body).toMatchObject({ digest, row_count: 4, status: 'registered', columns: [{ name: 'minutes', type: 'INTEGER' }, { name: 'city', type: 'VARCHAR' }] });
      const profile = await catalog.fetchJson('GET', `/catalog/v1/versions/${body.version_id}/profile`);
      expect(profile.body.columns[0]).toMatchObject({ name: 'minutes', count: 4, min: -1116, max: 40 });
    });

    it('registers the rows that meet a filter', async () => {
      const { body } = await register({ filter: 'minutes > 20' });
      expect(body).toMatchObject({ row_count: 2, origin: `a spec ${digest} where minutes > 20` });
    });

    it('quarantines what breaks the contract, derives clean rows and certifies those', async () => {
      const raw = (await register()).body;
      const checked = (await post(`/catalog/v1/versions/${raw.version_id}/check`)).body;
      expect(checked).toMatchObject({
        status: 'quarantined',
        check: { rows_checked: 4, rows_violating: 2, violations: [{ column: 'minutes', rule: 'minimum', count: 1 }, { column: 'city', rule: 'pattern', count: 1 }] },
      });
      expect(checked.check.violations[0].examples[0]).toMatchObject({ minutes: -1116, city: 'PAR' });

      const clean = (await post(`/catalog/v1/versions/${raw.version_id}/clean`)).body;
      expect(clean).toMatchObject({
        version: raw.version + 1, row_count: 2, status: 'registered',
        derived_from: [{ version_id: raw.version_id, digest, operation: 'contract-clean', row_number_column: 'source_row' }],
      });
      await post(`/catalog/v1/versions/${clean.version_id}/check`);
      expect(await post(`/catalog/v1/versions/${clean.version_id}/certify`, { comment: 'looked at' })).toMatchObject({
        status: 200, body: { status: 'certified', certification: 'golden' },
      });
    });

    it('keeps the way to the first rows when clean rows are cleaned again', async () => {
      const raw = (await register()).body;
      const once = (await post(`/catalog/v1/versions/${raw.version_id}/clean`)).body;
      const twice = (await post(`/catalog/v1/versions/${once.version_id}/clean`)).body;
      expect(twice.derived_from).toMatchObject([{ version_id: once.version_id, row_number_column: 'source_row_2' }]);
      expect(twice.columns.map(({ name }: { name: string }) => name)).toEqual(['minutes', 'city', 'source_row', 'source_row_2']);
    });

    it('registers a repeated request once', async () => {
      const again = { 'idempotency-key': 'the same' };
      const body = { digest, origin: 'a spec' };
      const first = await catalog.fetchJson('POST', '/catalog/v1/datasets/trips/versions', body, again);
      const second = await catalog.fetchJson('POST', '/catalog/v1/datasets/trips/versions', body, again);
      expect(second.body.version_id).toBe(first.body.version_id);
    });
  });

  describe('200', () => {
    it('lists versions and hands out their bytes', async () => {
      const { body } = await catalog.fetchJson('GET', '/catalog/v1/datasets/trips/versions?limit=1');
      expect(body.items).toHaveLength(1);
      const data = await fetch(`${catalog.url}/catalog/v1/versions/${body.items[0].version_id}/data`);
      expect(Buffer.from(await data.arrayBuffer()).subarray(0, 4).toString()).toBe('PAR1');
    });
  });

  describe('400', () => {
    it.each([
      ['a digest that is none', { digest: 'sha256:1' }],
      ['a filter with a subquery', { filter: 'minutes > (SELECT 1)' }],
      ['a filter that is no condition', { filter: 'minutes + 1' }],
      ['a filter over an unknown column', { filter: 'hours > 1' }],
      ['an unknown field', { where: 'minutes > 1' }],
      ['no origin', { origin: undefined }],
    ])('refuses %s and stores nothing', async (_, changes) => {
      const before = await catalog.store.size();
      const answer = await register(changes);
      expect(answer).toMatchObject({ status: 400, body: { code: expect.any(String), detail: expect.any(String) } });
      expect(await catalog.store.size()).toBe(before);
    });

    it('refuses a file that is no Parquet', async () => {
      const { body } = await send('/catalog/v1/uploads', new Uint8Array([1, 2, 3]), PARQUET);
      expect((await register({ digest: body.digest })).status).toBe(400);
    });

    it.each([
      ['a name with a slash', { name: 'a/b' }],
      ['no name', {}],
    ])('refuses a dataset with %s', async (_, body) => {
      expect((await post('/catalog/v1/datasets', body)).status).toBe(400);
    });

    it('refuses a document that is no contract', async () => {
      expect(await send('/catalog/v1/contracts', 'kind: Poem', 'application/yaml')).toMatchObject({ status: 400, body: { code: 'INVALID_CONTRACT' } });
    });

    it('refuses to check or certify with a body that does not fit', async () => {
      const { body } = await register();
      expect((await post(`/catalog/v1/versions/${body.version_id}/check`, { contract_id: 'x' })).status).toBe(400);
      expect((await post(`/catalog/v1/versions/${body.version_id}/certify`, { level: 'silver', comment: '' })).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows no such dataset, version or object', async () => {
      expect(await catalog.fetchJson('GET', '/catalog/v1/datasets/nothing')).toMatchObject({ status: 404, body: { code: 'DATASET_NOT_FOUND' } });
      expect(await catalog.fetchJson('GET', `/catalog/v1/versions/${NOBODY}`)).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
      expect(await register({ digest: `sha256:${'0'.repeat(64)}` })).toMatchObject({ status: 404, body: { code: 'OBJECT_NOT_FOUND' } });
    });
  });

  describe('409', () => {
    it('keeps a published contract as it is', async () => {
      expect(await send('/catalog/v1/contracts', contract(61), 'application/yaml')).toMatchObject({ status: 409, body: { code: 'CONTRACT_VERSION_EXISTS' } });
    });

    it('registers a dataset’s name once', async () => {
      expect(await post('/catalog/v1/datasets', { name: 'trips' })).toMatchObject({ status: 409, body: { code: 'DATASET_EXISTS' } });
    });
  });

  describe('422', () => {
    it('does not certify what was not checked, or breaks its contract', async () => {
      const { body } = await register();
      const certify = () => post(`/catalog/v1/versions/${body.version_id}/certify`, { comment: '' });
      expect(await certify()).toMatchObject({ status: 422, body: { code: 'CONTRACT_NOT_CHECKED' } });
      await post(`/catalog/v1/versions/${body.version_id}/check`);
      expect(await certify()).toMatchObject({ status: 422, body: { code: 'CONTRACT_VIOLATED' } });
    });
  });
});
