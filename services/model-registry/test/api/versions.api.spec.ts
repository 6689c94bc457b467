import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, signature, startRegistry, type RegistryClient } from '../support/registry-client.js';

describe('/registry/v1/{models/{name}/versions,versions/{id}}', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  describe('201', () => {
    it('creates a version that can be read at once', async () => {
      const name = await registry.model();
      const { status, body } = await registry.version(name, { run_id: '4915F5EA-945C-4798-B0A8-A8747CFB337B', description: 'first' });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        name, version: 1, run_id: '4915f5ea945c4798b0a8a8747cfb337b', size_bytes: 7, signature, description: 'first', author: 'ada', aliases: [], approvals: [], evaluations: [],
      });
      expect((await registry.as('bob', 'GET', `/registry/v1/versions/${body.version_id}`)).body).toEqual(body);
    });

    it('numbers versions of one model without a gap, also when many come at once', async () => {
      const name = await registry.model();
      const answers = await Promise.all(Array.from({ length: 6 }, () => registry.version(name)));
      expect(answers.map(({ body }) => body.version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('answers a repeated request with the same version', async () => {
      const name = await registry.model();
      const { digest } = (await registry.version(name)).body;
      const body = { run_id: NOBODY, source: 'runs:/r/model.onnx', digest, size_bytes: 7 };
      const create = () => registry.as('ada', 'POST', `/registry/v1/models/${encodeURIComponent(name)}/versions`, body, { 'idempotency-key': 'v' });
      const [first, second] = [await create(), await create()];
      expect(second.body).toEqual(first.body);
      expect(first.body).toMatchObject({ version: 2, signature: null, training_set_id: '', golden_digest: '' });
    });
  });

  describe('200', () => {
    it('lists versions, newest first, in pages', async () => {
      const name = await registry.model();
      for (let count = 0; count < 3; count += 1) await registry.version(name);
      const list = (query: string) => registry.as('ada', 'GET', `/registry/v1/models/${encodeURIComponent(name)}/versions?limit=2${query}`);
      const first = await list('');
      expect(first.body.items.map(({ version }: { version: number }) => version)).toEqual([3, 2]);
      expect((await list(`&page_token=${first.body.next_page_token}`)).body).toEqual({ items: [expect.objectContaining({ version: 1 })] });
    });
  });

  describe('400', () => {
    it.each([
      ['no run', { run_id: undefined }], ['a run that is none', { run_id: 'r' }], ['a digest that is none', { digest: 'md5:1' }], ['no bytes', { size_bytes: 0 }],
      ['half a signature', { signature: { inputs: [] } }], ['an unknown datatype', { signature: { inputs: [{ name: 'x', datatype: 'FLOAT', shape: [1] }], outputs: [] } }],
      ['a field that is none', { stage: 'Production' }], ['NUL', { description: '\0' }],
    ])('refuses %s', async (_, changes) => {
      const name = await registry.model();
      const before = await registry.store.size();
      expect(await registry.version(name, changes)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
      expect(await registry.store.size()).toBe(before);
    });

    it.each(['/etc/passwd', 'file:///etc/passwd', 'runs:/r/../../x', 'runs:/r/%252e%252e/x'])('refuses the source %s', async (source) => {
      expect(await registry.version(await registry.model(), { source })).toMatchObject({ status: 400, body: { code: 'INVALID_SOURCE' } });
    });

    it('refuses an id that is none', async () => {
      expect((await registry.as('ada', 'GET', '/registry/v1/versions/abc')).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows neither model nor version', async () => {
      expect(await registry.version('nobody')).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
      expect(await registry.as('ada', 'GET', '/registry/v1/models/nobody/versions')).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
      expect(await registry.as('ada', 'GET', `/registry/v1/versions/${NOBODY}`)).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
    });
  });

  describe('422', () => {
    it('refuses a version of bytes that nobody has', async () => {
      const absent = `sha256:${'0'.repeat(64)}`;
      const name = await registry.model();
      for (const changes of [{ digest: absent }, { golden_digest: absent }]) {
        expect(await registry.version(name, changes)).toMatchObject({ status: 422, body: { code: 'CONTENT_NOT_STORED' } });
      }
    });
  });
});
