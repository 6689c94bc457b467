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
        expect(got.headers.get('content-disposition')).toBe(`attachment; filename=${path.split('/').at(-1)}`);
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

    it('keeps the files of a logged model beside those of runs', async () => {
      const model = await tracking.model(experimentId);
      const root = `${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/models/${model}/artifacts`;
      expect((await fetch(`${root}/d/MLmodel`, { method: 'PUT', body: 'flavors: {}' })).status).toBe(200);
      const got = await fetch(`${root}/d/MLmodel`);
      expect([got.headers.get('content-type'), await got.text()]).toEqual(['text/plain', 'flavors: {}']);
      const listed = await tracking.fetchJson('GET', `/api/2.0/mlflow-artifacts/artifacts?path=${experimentId}/models/${model}/artifacts/d`);
      expect(listed.body).toEqual({ files: [{ path: 'MLmodel', is_dir: false, file_size: 11 }] });
      expect((await fetch(`${root}/d`, { method: 'DELETE' })).status).toBe(200);
      expect((await fetch(`${root}/d/MLmodel`)).status).toBe(404);
    });

    it('removes a file or a folder, also one that is not there, and takes it again', async () => {
      for (const path of ['gone/x', 'gone/y/z', 'gone-not']) await upload(path, 'hello');
      const remove = (path: string) => fetch(at(path), { method: 'DELETE' });
      for (const path of ['gone/x', 'gone', 'never']) expect((await remove(path)).status).toBe(200);
      expect((await fetch(at('gone/y/z'))).status).toBe(404);
      expect((await fetch(at('gone-not'))).status).toBe(200);
      await upload('gone/x', 'hello');
      expect(await (await fetch(at('gone/x'))).text()).toBe('hello');
    });

    it('gives out a file by run and path', async () => {
      await upload('by/query.json', '{}');
      for (const route of ['/get-artifact', '/ajax-api/2.0/mlflow/get-artifact']) {
        const got = await fetch(`${tracking.url}${route}?run_id=${runId}&path=by/query.json`);
        expect([got.status, await got.text(), got.headers.get('content-disposition')]).toEqual([200, '{}', 'attachment; filename=query.json']);
      }
    });

    it('takes a file from a web page', async () => {
      const url = `${tracking.url}/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=page/x.json`;
      expect((await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":' })).status).toBe(200);
      expect(await (await fetch(at('page/x.json'))).text()).toBe('{"a":');
    });

    it('lists a run in pages', async () => {
      const run = await tracking.run(experimentId);
      await Promise.all(Array.from({ length: 3 }, (_, index) => upload(`f${index}`, 'x', 'text/plain', run)));
      expect((await tracking.mlflow('GET', 'artifacts/list', { run_id: run })).body.next_page_token).toBeUndefined();
      const after = Buffer.from('["f1"]').toString('base64url');
      expect((await tracking.mlflow('GET', 'artifacts/list', { run_id: run, page_token: after })).body.files).toEqual([{ path: 'f2', is_dir: false, file_size: 1 }]);
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
      expect((await fetch(`${tracking.url}/get-artifact?run_id=${runId}&path=..%2F..%2Fx`)).status).toBe(400);
    });

    it('takes nothing for a deleted run, and removes nothing from it', async () => {
      const run = await tracking.run(experimentId);
      await upload('x', 'x', 'text/plain', run);
      await tracking.mlflow('POST', 'runs/delete', { run_id: run });
      expect((await upload('x', 'y', 'text/plain', run)).status).toBe(400);
      expect((await fetch(at('x', run), { method: 'DELETE' })).status).toBe(400);
      expect(await (await fetch(at('x', run))).text()).toBe('x');
    });

    it.each([['nothing', ''], ['more than 10 MB', 'x'.repeat(10 * 1024 * 1024 + 1)]])('takes no file from a web page that is %s', async (_, body) => {
      const answer = await fetch(`${tracking.url}/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${runId}&path=page/y`, { method: 'POST', body });
      expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error_code: 'INVALID_PARAMETER_VALUE' })]);
      expect((await fetch(at('page/y'))).status).toBe(404);
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
