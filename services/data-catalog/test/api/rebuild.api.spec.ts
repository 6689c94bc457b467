import { startTestService, type TestService } from '@cairn/testing';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';

const odcs = `{"apiVersion":"v3.1.0","kind":"DataContract","id":"trips","version":"1.0.0","status":"active",
  "schema":[{"name":"trips","properties":[{"name":"minutes","logicalTypeOptions":{"minimum":0}}]}]}`;

describe('the catalog rebuilt from the log', () => {
  let catalog: TestService;
  const post = (path: string, body: object = {}) => catalog.fetchJson('POST', path, body);
  const rebuild = (swap: boolean) => post('/catalog/v1/admin/rebuild', { swap });

  /** Every kind of event of the catalog once, in two workspaces. */
  beforeAll(async () => {
    catalog = await startTestService(service);
    const file = parquetWriteBuffer({ columnData: [{ name: 'minutes', data: [10, -5, 30], type: 'INT32' }] });
    const upload = await fetch(`${catalog.url}/catalog/v1/uploads`, { method: 'POST', headers: { 'content-type': 'application/vnd.apache.parquet' }, body: new Uint8Array(file) });
    const { digest } = (await upload.json()) as { digest: string };
    await post('/catalog/v1/datasets', { name: 'trips', tags: ['a', 'b'] });
    await catalog.fetchJson('POST', '/catalog/v1/datasets', { name: 'trips' }, { 'x-cairn-workspace': 'other' });
    await catalog.fetchJson('POST', '/catalog/v1/contracts', odcs, { 'content-type': 'application/odcs+json' });
    const raw = (await post('/catalog/v1/datasets/trips/versions', { digest, origin: 'a spec' })).body;
    await post(`/catalog/v1/versions/${raw.version_id}/check`);
    const clean = (await post(`/catalog/v1/versions/${raw.version_id}/clean`)).body;
    await post(`/catalog/v1/versions/${clean.version_id}/check`);
    await post(`/catalog/v1/versions/${clean.version_id}/certify`, { comment: '' });
  });
  afterAll(() => catalog.close());

  it('is identical', async () => {
    const { status, body } = await rebuild(false);
    expect(status).toBe(200);
    expect(body.identical).toBe(true);
    expect(body.tables).toEqual([
      { table: 'dataset', rows_live: 2, rows_rebuilt: 2, differing: 0 },
      { table: 'dataset_version', rows_live: 2, rows_rebuilt: 2, differing: 0 },
      { table: 'contract', rows_live: 1, rows_rebuilt: 1, differing: 0 },
    ]);
  });

  it('finds a certification that nobody gave, and takes it back', async () => {
    const dataSource = catalog.running.parts.stateful!.dataSource;
    await dataSource.query(`UPDATE dataset_version SET status = 'certified', certification = 'golden' WHERE status = 'quarantined'`);
    expect((await rebuild(true)).body).toMatchObject({ identical: false, tables: [{ differing: 0 }, { table: 'dataset_version', differing: 2 }, { differing: 0 }] });
    expect((await rebuild(false)).body.identical).toBe(true);
    const { body } = await catalog.fetchJson('GET', '/catalog/v1/datasets/trips/versions');
    expect(body.items.map(({ status }: { status: string }) => status)).toEqual(['quarantined', 'certified']);
  });
});
