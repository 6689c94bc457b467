import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestService, tempDir, type TestService } from '@cairn/testing';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { service } from '../../src/app.module.js';

describe('POST /catalog/v1/imports', () => {
  const outside = tempDir('outside');
  const folder = tempDir('imports');
  let catalog: TestService;
  const importFile = (path: unknown) => catalog.fetchJson('POST', '/catalog/v1/imports', { path });

  beforeAll(async () => {
    const file = Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'n', data: [1, 2], type: 'INT32' }] }));
    mkdirSync(join(folder, 'june'));
    for (const path of [join(folder, 'june', 'a.parquet'), join(outside, 'secret.parquet')]) writeFileSync(path, file);
    symlinkSync(join(outside, 'secret.parquet'), join(folder, 'link.parquet'));
    catalog = await startTestService(service, { settings: { CAIRN_CATALOG_IMPORT_FOLDERS: folder } });
    await catalog.fetchJson('POST', '/catalog/v1/datasets', { name: 'numbers' });
  });
  afterAll(() => catalog.close());

  describe('201', () => {
    it.each([['absolute', join(folder, 'june', 'a.parquet')], ['relative', 'june/a.parquet']])('takes a file in an allowed folder by its %s path', async (_, path) => {
      const { status, body } = await importFile(path);
      expect(status).toBe(201);
      const version = await catalog.fetchJson('POST', '/catalog/v1/datasets/numbers/versions', { digest: body.digest, origin: 'a folder' });
      expect(version.body).toMatchObject({ row_count: 2, size_bytes: body.size_bytes });
    });
  });

  describe('400', () => {
    it.each([[undefined], [''], [7]])('refuses %s as a path', async (path) => {
      expect((await importFile(path)).status).toBe(400);
    });
  });

  describe('403', () => {
    it.each([
      ['elsewhere', join(outside, 'secret.parquet')],
      ['above the folder', `../${outside.split('/').at(-1)}/secret.parquet`],
      ['behind a link', 'link.parquet'],
      ['that is not there', 'nothing.parquet'],
      ['that is the folder itself', folder],
    ])('refuses a file %s', async (_, path) => {
      expect(await importFile(path)).toMatchObject({ status: 403, body: { code: 'IMPORT_FORBIDDEN' } });
    });

    it('refuses every file where no folder is allowed', async () => {
      const closed = await startTestService(service);
      expect((await closed.fetchJson('POST', '/catalog/v1/imports', { path: join(folder, 'june', 'a.parquet') })).status).toBe(403);
      await closed.close();
    });
  });
});
