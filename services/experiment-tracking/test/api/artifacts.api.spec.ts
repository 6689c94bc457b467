import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('/api/2.0/mlflow-artifacts/artifacts', () => {
  let tracking: TrackingClient;
  let experimentId: string;
  let runId: string;
  beforeAll(async () => {
    tracking = await startTracking();
    experimentId = await tracking.experiment();
    runId = await tracking.run(experimentId);
  });
  afterAll(() => tracking.close());

  const at = (path: string, run = runId) => `${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/${run}/artifacts/${path}`;
  const upload = (path: string, content: string | Buffer, type = 'text/plain', run = runId) =>
    fetch(at(path, run), { method: 'PUT', headers: { 'content-type': type }, body: typeof content === 'string' ? content : new Uint8Array(content) });
  const list = async (path: string, run = runId) =>
    (await tracking.fetchJson('GET', `/api/2.0/mlflow-artifacts/artifacts?path=${encodeURIComponent(`${experimentId}/${run}/artifacts/${path}`)}`)).body;

  describe('200', () => {
    it('gives back the bytes that were uploaded, whatever their type says', async () => {
      for (const [path, content, type] of [
        ['d/x.txt', 'hello', 'text/plain'], ['bad.json', '{"a":', 'application/json'], ['form', 'a=1', 'application/x-www-form-urlencoded'], ['empty', '', 'text/plain'],
      ] as const) {
        const put = await upload(path, content, type);
        expect([put.status, await put.json()]).toEqual([200, {}]);
        const got = await fetch(at(path));
        expect(await got.text()).toBe(content);
        expect(got.headers.get('x-content-type-options')).toBe('nosniff');
        expect(got.headers.get('content-disposition')).toContain(`attachment; filename*=UTF-8''${path.split('/').at(-1)}`);
      }
    });

    it('takes a file larger than a parsed body may be, and records its digest', async () => {
      const content = randomBytes(3_000_000);
      expect((await upload('large.bin', content, 'application/octet-stream')).status).toBe(200);
      const got = await fetch(at('large.bin'));
      expect(Buffer.from(await got.arrayBuffer()).equals(content)).toBe(true);
      expect(got.headers.get('etag')).toBe(`"sha256:${createHash('sha256').update(content).digest('hex')}"`);
    });

    it('lists folders by name, relative to what was asked', async () => {
      const run = await tracking.run(experimentId);
      for (const path of ['a.txt', 'd/x.txt', 'd/e/y.txt', 'd%20d/größe.txt']) await upload(path, 'hello', 'text/plain', run);
      expect(await list('', run)).toEqual({ files: [{ path: 'a.txt', is_dir: false, file_size: 5 }, { path: 'd', is_dir: true }, { path: 'd d', is_dir: true }] });
      expect(await list('d', run)).toEqual({ files: [{ path: 'e', is_dir: true }, { path: 'x.txt', is_dir: false, file_size: 5 }] });
      expect(await list('d/x.txt', run)).toEqual({});
      expect(await list('nothing', run)).toEqual({});
      expect((await tracking.mlflow('GET', 'artifacts/list', { run_id: run, path: 'd' })).body).toEqual({
        root_uri: `mlflow-artifacts:/${experimentId}/${run}/artifacts`,
        files: [{ path: 'd/e', is_dir: true }, { path: 'd/x.txt', is_dir: false, file_size: 5 }],
      });
      expect(await (await fetch(at('d%20d/gr%C3%B6%C3%9Fe.txt', run))).text()).toBe('hello');
    });

    it('records the same content once and a new one again', async () => {
      await upload('again', 'one');
      const before = await tracking.store.size();
      expect((await upload('again', 'one')).status).toBe(200);
      expect(await tracking.store.size()).toBe(before);
      await upload('again', 'two');
      expect(await (await fetch(at('again'))).text()).toBe('two');
    });

    it('says that there are no logged models, which MLflow asks when it lists', async () => {
      expect(await tracking.mlflow('POST', 'logged-models/search', { experiment_ids: [experimentId] })).toMatchObject({ status: 200, body: {} });
    });
  });

  describe('400', () => {
    it.each(['%2e%2e/x', 'a/%2e%2e/%2e%2e/x', '%252e%252e/x', 'a%5Cb', 'a%00b', '', 'a//b'])('refuses the path %s, and stores nothing', async (path) => {
      const before = await tracking.store.size();
      expect((await upload(path, 'x')).status).toBe(400);
      expect(await tracking.store.size()).toBe(before);
    });

    it('refuses a place that is no run’s', async () => {
      const answer = await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/models/m-1/artifacts/x`, { method: 'PUT', body: 'x' });
      expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error_code: 'INVALID_PARAMETER_VALUE' })]);
      expect((await tracking.mlflow('GET', 'artifacts/list', { run_id: runId, path: '../..' })).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows neither run nor file', async () => {
      expect((await upload('x', 'x', 'text/plain', NO_RUN)).status).toBe(404);
      expect((await fetch(at('absent'))).status).toBe(404);
      expect((await fetch(at('absent', NO_RUN))).status).toBe(404);
      expect(await tracking.mlflow('GET', 'artifacts/list', { run_id: NO_RUN })).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    });
  });
});
