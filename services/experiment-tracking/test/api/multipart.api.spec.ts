import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

const refused = (code: string) => expect.objectContaining({ error_code: code });

describe('/api/2.0/mlflow-artifacts/mpu', () => {
  let tracking: TrackingClient;
  let experimentId: string;
  let root: string;
  beforeAll(async () => {
    tracking = await startTracking();
    experimentId = await tracking.experiment();
    root = `${experimentId}/${await tracking.run(experimentId)}/artifacts`;
  });
  afterAll(() => tracking.close());

  const send = (action: string, body: object, folder = root, headers = {}) => tracking.fetchJson('POST', `/api/2.0/mlflow-artifacts/mpu/${action}/${folder}`, body, headers);
  const create = async (path: string, num_parts = 2) => (await send('create', { path, num_parts })).body;
  const put = async ({ url, part_number }: { url: string; part_number: number }, content: string) => {
    const answer = await fetch(url, { method: 'PUT', body: content });
    return { part_number, etag: answer.headers.get('etag') ?? '', url };
  };
  const download = (path: string, folder = root) => fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${folder}/${path}`);

  describe('200', () => {
    it('puts a file together from its parts, whatever order they come in', async () => {
      const { upload_id, credentials } = await create('out/weights.bin');
      expect(credentials).toHaveLength(2);
      const parts = [await put(credentials[1], 'world'), await put(credentials[0], 'hello ')];
      expect((await download('weights.bin')).status).toBe(404);
      const complete = () => send('complete', { path: 'out/weights.bin', upload_id, parts });
      expect(await complete()).toMatchObject({ status: 200, body: {} });
      expect(await (await download('weights.bin')).text()).toBe('hello world');
      const before = await tracking.store.size();
      expect((await complete()).status).toBe(200);
      expect(await tracking.store.size()).toBe(before);
    });

    it('takes a file for a folder of a logged model', async () => {
      const folder = `${experimentId}/models/${await tracking.model(experimentId)}/artifacts`;
      const { body } = await send('create', { path: 'C:\\models\\model.pkl', num_parts: 1 }, `${folder}/data`);
      const parts = [await put(body.credentials[0], 'pickled')];
      expect((await send('complete', { path: 'model.pkl', upload_id: body.upload_id, parts }, `${folder}/data`)).status).toBe(200);
      expect(await (await download('data/model.pkl', folder)).text()).toBe('pickled');
    });

    it('gives URLs under which the client reached it, and the headers with which it was let in', async () => {
      const headers = { 'x-forwarded-host': 'cairn.example:8443', 'x-forwarded-proto': 'https', authorization: 'Bearer of-the-caller' };
      const { body } = await send('create', { path: 'x', num_parts: 1 }, root, headers);
      expect(body.credentials).toEqual([
        { url: `https://cairn.example:8443/api/2.0/mlflow-artifacts/mpu/parts/${body.upload_id}/1`, part_number: 1, headers: { Authorization: 'Bearer of-the-caller' } },
      ]);
      const odd = await send('create', { path: 'x', num_parts: 1 }, root, { 'x-forwarded-host': 'evil.example/?', 'x-forwarded-proto': 'javascript' });
      expect(odd.body.credentials[0].url).toMatch(new RegExp(`^${tracking.url}/`));
    });

    it('aborts, also twice, and also what is not there', async () => {
      const { upload_id, credentials } = await create('gone');
      const part = await put(credentials[0], 'x');
      const abort = async () => (await send('abort', { path: 'gone', upload_id })).status;
      expect([await abort(), await abort()]).toEqual([200, 200]);
      expect((await fetch(part.url, { method: 'PUT', body: 'x' })).status).toBe(404);
      expect(await send('complete', { path: 'gone', upload_id, parts: [part] })).toMatchObject({ status: 404, body: refused('RESOURCE_DOES_NOT_EXIST') });
    });
  });

  describe('400', () => {
    it.each([0, 10_001, 'many'])('refuses %s parts', async (num_parts) => {
      expect(await send('create', { path: 'x', num_parts })).toMatchObject({ status: 400, body: refused('INVALID_PARAMETER_VALUE') });
    });

    it('refuses a path that climbs or names no file, and what belongs to nobody', async () => {
      for (const path of ['..', '.', '']) expect((await send('create', { path, num_parts: 1 })).status).toBe(400);
      expect((await send('create', { path: 'x', num_parts: 1 }, `${root}/%2e%2e/%2e%2e`)).status).toBe(400);
      expect((await send('create', { path: 'x', num_parts: 1 }, experimentId)).status).toBe(400);
    });

    it('refuses parts that are missing, twice there, unknown or not as they were uploaded', async () => {
      const { upload_id, credentials } = await create('whole');
      const [first, second] = [await put(credentials[0], 'a'), await put(credentials[1], 'b')];
      for (const parts of [[], [first], [first, first], [first, second, second], [first, { ...second, etag: '"0"' }], [first, { ...second, part_number: 3 }]]) {
        expect(await send('complete', { path: 'whole', upload_id, parts })).toMatchObject({ status: 400, body: refused('INVALID_PARAMETER_VALUE') });
      }
      expect((await fetch(credentials[0].url.replace(/1$/, '3'), { method: 'PUT', body: 'x' })).status).toBe(400);
      expect((await download('whole')).status).toBe(404);
      expect((await send('complete', { path: 'whole', upload_id, parts: [first, second] })).status).toBe(200);
    });
  });

  describe('404', () => {
    it('knows no such run, upload or part, and gives one upload to no other path or workspace', async () => {
      const { upload_id, credentials } = await create('mine', 1);
      const parts = [await put(credentials[0], 'x')];
      expect((await send('create', { path: 'x', num_parts: 1 }, `${experimentId}/${NO_RUN}/artifacts`)).status).toBe(404);
      for (const id of ['x', '..%2Fx', NO_RUN]) expect((await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/mpu/parts/${id}/1`, { method: 'PUT', body: 'x' })).status).toBe(404);
      expect((await send('complete', { path: 'other', upload_id, parts })).status).toBe(404);
      expect((await send('abort', { path: 'other', upload_id })).status).toBe(404);
      expect((await send('complete', { path: 'mine', upload_id, parts }, root, { 'x-cairn-workspace': 'other' })).status).toBe(404);
      expect((await send('complete', { path: 'mine', upload_id, parts })).status).toBe(200);
    });
  });
});
