import { hash, randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

/** More than one chunk of any stream between here and the disk. */
const content = randomBytes(3_000_000);

describe('ranges of artifacts (RFC 9110 §14)', () => {
  let tracking: TrackingClient;
  let urls: readonly string[];
  let root: string;
  let etag: string;
  beforeAll(async () => {
    tracking = await startTracking();
    const experiment = await tracking.experiment();
    const [run, model] = [await tracking.run(experiment), await tracking.model(experiment)];
    root = `${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experiment}/${run}/artifacts`;
    const ofModel = `${tracking.url}/ajax-api/2.0/mlflow-artifacts/artifacts/${experiment}/models/${model}/artifacts/model.bin`;
    urls = [
      `${root}/model.bin`, ofModel, `${tracking.url}/get-artifact?run_id=${run}&path=model.bin`,
      `${tracking.url}/ajax-api/2.0/mlflow/logged-models/${model}/artifacts/files?artifact_file_path=model.bin`,
    ];
    for (const url of [`${root}/model.bin`, ofModel]) await fetch(url, { method: 'PUT', body: new Uint8Array(content) });
    await fetch(`${root}/empty`, { method: 'PUT' });
    etag = (await fetch(`${root}/model.bin`, { method: 'HEAD' })).headers.get('etag') ?? '';
  });
  afterAll(() => tracking.close());

  const ask = async (url: string, headers: Readonly<Record<string, string>>, method = 'GET') => {
    const response = await fetch(url, { method, headers });
    const bytes = Buffer.from(await response.arrayBuffer());
    const of = (name: string) => response.headers.get(name);
    return { status: response.status, range: of('content-range'), length: of('content-length'), accepts: of('accept-ranges'), etag: of('etag'), type: of('content-type'), bytes };
  };
  const bytesOf = async (headers: Readonly<Record<string, string>>) => (await ask(`${root}/model.bin`, headers)).bytes;

  describe('206', () => {
    it.each([
      ['bytes=0-0', 0, 0], ['bytes=100-2000099', 100, 2_000_099], ['bytes=2999990-', 2_999_990, 2_999_999], ['bytes=-7', 2_999_993, 2_999_999],
      ['bytes=0-99999999', 0, 2_999_999], ['bytes=-99999999', 0, 2_999_999],
    ])('gives %s on every route that gives out files', async (range, start, end) => {
      for (const url of urls) {
        const { bytes, ...answer } = await ask(url, { range });
        const length = String(end - start + 1);
        expect(answer, url).toEqual({ status: 206, range: `bytes ${start}-${end}/3000000`, length, accepts: 'bytes', etag, type: 'application/octet-stream' });
        expect(bytes.equals(content.subarray(start, end + 1))).toBe(true);
      }
    });

    it('gives the rest of what was interrupted, while it is the same content', async () => {
      expect((await bytesOf({ range: 'bytes=1000000-', 'if-range': etag })).equals(content.subarray(1_000_000))).toBe(true);
    });

    it('gives parts to many at once that make up the whole', async () => {
      const starts = Array.from({ length: 30 }, (_, at) => at * 100_000);
      const parts = await Promise.all(starts.map((start) => bytesOf({ range: `bytes=${start}-${start + 99_999}` })));
      expect(Buffer.concat(parts).equals(content)).toBe(true);
    });
  });

  describe('200', () => {
    it.each([
      ['without a range', {}], ['of another unit', { range: 'rows=0-4' }], ['for several ranges', { range: 'bytes=0-1,5-6' }], ['for what is no range', { range: 'bytes=a-b' }],
      ['for a range of other content', { range: 'bytes=0-4', 'if-range': '"sha256:other"' }],
      ['for a range since a date', { range: 'bytes=0-4', 'if-range': 'Sat, 21 Nov 2026 12:00:00 GMT' }],
    ])('gives all of it %s', async (_, headers) => {
      const { bytes, ...answer } = await ask(`${root}/model.bin`, headers);
      expect(answer).toMatchObject({ status: 200, range: null, length: '3000000', accepts: 'bytes' });
      expect(bytes.equals(content)).toBe(true);
    });

    it('describes a file to HEAD without sending it, whatever the range', async () => {
      for (const url of urls) {
        expect(await ask(url, { range: 'bytes=0-4' }, 'HEAD')).toMatchObject({ status: 200, range: null, length: '3000000', accepts: 'bytes', etag, bytes: Buffer.alloc(0) });
      }
    });

    it('gives the nothing that an empty file holds', async () => {
      expect(await ask(`${root}/empty`, { range: 'bytes=-5' })).toMatchObject({ status: 200, length: '0', range: null });
    });
  });

  describe('404', () => {
    it('knows no range of what is not there', async () => {
      for (const url of [`${root}/absent`, `${tracking.url}/get-artifact?run_id=${NO_RUN}&path=x`]) {
        expect(await ask(url, { range: 'bytes=0-4' })).toMatchObject({ status: 404, range: null, accepts: null });
        expect((await ask(url, {}, 'HEAD')).status).toBe(404);
      }
    });
  });

  describe('416', () => {
    it.each(['bytes=3000000-', 'bytes=-0', 'bytes=5-2'])('refuses %s, and says how much there is', async (range) => {
      for (const url of urls) {
        const { bytes, ...answer } = await ask(url, { range });
        expect(answer).toMatchObject({ status: 416, range: 'bytes */3000000', type: expect.stringContaining('application/json') });
        expect(JSON.parse(bytes.toString())).toEqual({ error_code: 'BAD_REQUEST', message: 'The range lies outside of the 3000000 bytes that there are.' });
      }
      expect(await ask(`${root}/empty`, { range: 'bytes=0-' })).toMatchObject({ status: 416, range: 'bytes */0' });
    });
  });

  describe('500', () => {
    it('gives no part of a file that is not what its digest says', async () => {
      await fetch(`${root}/damaged`, { method: 'PUT', body: 'hello' });
      const hex = hash('sha256', 'hello');
      const path = fileURLToPath(`${tracking.running.parts.config.objectStoreUrl}/sha256/${hex.slice(0, 2)}/${hex}`);
      chmodSync(path, 0o644);
      writeFileSync(path, 'jello');
      expect(await ask(`${root}/damaged`, { range: 'bytes=1-3' })).toMatchObject({ status: 500, range: null, accepts: null });
    });
  });
});
