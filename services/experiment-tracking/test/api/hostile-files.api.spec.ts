import { readdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { announceLarge, CLIMBS, hostileJson, mutations, sendRaw, streamLarge, UNDECODABLE } from '../support/hostile.js';
import { BODIES, makeIds, type Ids } from '../support/hostile-routes.js';
import { exportOf, newTrace, sendExport, span, TraceClient } from '../support/traces.js';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

const PROXY = '/api/2.0/mlflow-artifacts';

let tracking: TrackingClient;
let ids: Ids;
beforeAll(async () => {
  tracking = await startTracking();
  ids = await makeIds(tracking);
});
afterAll(() => tracking.close());

const files = async (): Promise<string[]> => (await readdir(tracking.running.parts.config.dataDir, { recursive: true })).sort();

describe('paths that climb', () => {
  it.each<[string, string, (path: string) => string]>([
    ['a file of a run', 'PUT', (path) => `${PROXY}/artifacts/${ids.experiment}/${ids.run}/artifacts/${path}`],
    ['a file of a run', 'GET', (path) => `${PROXY}/artifacts/${ids.experiment}/${ids.run}/artifacts/${path}`],
    ['a file of a run', 'DELETE', (path) => `${PROXY}/artifacts/${ids.experiment}/${ids.run}/artifacts/${path}`],
    ['a file of a model', 'PUT', (path) => `${PROXY}/artifacts/${ids.experiment}/models/${ids.model}/artifacts/${path}`],
    ['a file of a model', 'GET', (path) => `${PROXY}/artifacts/${ids.experiment}/models/${ids.model}/artifacts/${path}`],
    ['a file of a trace', 'PUT', (path) => `${PROXY}/artifacts/${ids.experiment}/traces/${ids.trace}/artifacts/${path}`],
    ['a file of a trace', 'GET', (path) => `${PROXY}/artifacts/${ids.experiment}/traces/${ids.trace}/artifacts/${path}`],
    ['anything in the store', 'PUT', (path) => `${PROXY}/artifacts/${path}`],
    ['anything in the store', 'GET', (path) => `${PROXY}/artifacts/${path}`],
    ['anything in the store', 'DELETE', (path) => `${PROXY}/artifacts/${path}`],
    ['a folder of the store', 'GET', (path) => `${PROXY}/artifacts?path=${ids.experiment}/${ids.run}/artifacts/${path}`],
    ['a folder of a run', 'GET', (path) => `/api/2.0/mlflow/artifacts/list?run_id=${ids.run}&path=${path}`],
    ['a file for web pages', 'GET', (path) => `/get-artifact?run_id=${ids.run}&path=${path}`],
    ['a file of a model for web pages', 'GET', (path) => `/ajax-api/2.0/mlflow/logged-models/${ids.model}/artifacts/files?artifact_file_path=${path}`],
    ['a file of a trace for web pages', 'GET', (path) => `/ajax-api/2.0/mlflow/get-trace-artifact?request_id=${ids.trace}&path=${path}`],
    ['a form', 'POST', (path) => `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${ids.run}&path=${path}`],
    ['a part', 'PUT', (path) => `${PROXY}/mpu/parts/${path}/1`],
    ['the number of a part', 'PUT', (path) => `${PROXY}/mpu/parts/${ids.upload}/${path}`],
    ['the workspace', 'GET', (path) => `/workspaces/${path}/api/2.0/mlflow/runs/get?run_id=${ids.run}`],
  ])('of %s, %s: are refused, and nothing is written', async (_, method, pathOf) => {
    const [before, size] = [await files(), await tracking.store.size()];
    const taken: string[] = [];
    for (const climb of CLIMBS) {
      const { status, text } = await sendRaw(tracking.url, method, pathOf(climb), 'content', 'application/octet-stream');
      if (status < 400 || status >= 500 || text.includes('root:')) taken.push(`${climb.slice(0, 40)}: ${status}`);
    }
    expect(taken).toEqual([]);
    expect(await files()).toEqual(before);
    expect(await tracking.store.size()).toBe(size);
    for (const odd of UNDECODABLE) {
      const { status, text } = await sendRaw(tracking.url, method, pathOf(odd), 'content', 'application/octet-stream');
      if (status >= 500 || text.includes('root:')) taken.push(`${odd}: ${status}`);
    }
    expect(taken).toEqual([]);
  });

  it.each(['create', 'complete', 'abort'])('of uploads in parts, %s: are refused, and nothing is written', async (step) => {
    const before = await files();
    const taken: string[] = [];
    for (const climb of CLIMBS) {
      const folder = `${PROXY}/mpu/${step}/${ids.experiment}/${ids.run}/artifacts/${climb}`;
      const { status } = await sendRaw(tracking.url, 'POST', folder, JSON.stringify({ path: 'f', num_parts: 1, upload_id: ids.upload, parts: [] }));
      if (status < 400 || status >= 500) taken.push(`${climb.slice(0, 40)}: ${status}`);
    }
    expect(taken).toEqual([]);
    expect(await files()).toEqual(before);
  });

  it('of an upload’s own name count by their last part, inside the run', async () => {
    const path = `${PROXY}/mpu/create/${ids.experiment}/${ids.run}/artifacts`;
    for (const name of ['../../../etc/passwd', '/etc/passwd', '..\\..\\passwd', 'passwd/']) {
      const { status, body } = await tracking.fetchJson('POST', path, { path: name, num_parts: 1 });
      expect({ name, status }).toEqual({ name, status: 200 });
      expect(body.upload_id).toMatch(/^[0-9a-f-]{36}$/);
    }
    for (const name of ['..', 'a/..', '.', '/', '%2e%2e', 'a\u0000']) {
      expect({ name, ...(await tracking.fetchJson('POST', path, { path: name })) }).toMatchObject({ name, status: 400 });
    }
  });
});

describe('bodies of 100 MB', () => {
  it.each(BODIES)('%s %s: are refused when they are announced', async (method, _, path) => {
    expect(await announceLarge(tracking.url, method, path(ids))).toBe(413);
  });

  it('are refused as exports of spans, and where they are not announced', async () => {
    const headers = { 'content-type': 'application/x-protobuf', 'x-mlflow-experiment-id': ids.experiment };
    expect(await announceLarge(tracking.url, 'POST', '/v1/traces', headers)).toBe(413);
    for (const [path, sent] of [['/v1/traces', headers], ['/api/2.0/mlflow/runs/log-batch', { 'content-type': 'application/json' }]] as const) {
      const { status, sentBytes } = await streamLarge(tracking.url, 'POST', path, sent);
      expect([413, 0]).toContain(status);
      expect(sentBytes).toBeLessThan(60_000_000);
    }
    expect((await tracking.fetchJson('GET', '/health')).status).toBe(200);
  });

  it('are refused for a form, of which nothing stays', async () => {
    const before = await files();
    const { status } = await streamLarge(tracking.url, 'POST', `/ajax-api/2.0/mlflow/upload-artifact?run_uuid=${ids.run}&path=large`, { 'content-type': 'text/plain' });
    expect([400, 0]).toContain(status);
    expect(await files()).toEqual(before);
  });
});

describe('exports of spans', () => {
  const send = async (body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string> = {}): Promise<number> =>
    (await sendExport(tracking.url, body, { 'x-mlflow-experiment-id': ids.experiment, ...headers })).status;
  const json = { 'content-type': 'application/json' };

  it('in JSON are answered below 500 with any value in any place, and so is reading them', async () => {
    const failed: string[] = [];
    const attributes = [
      { key: 'a', value: { kvlistValue: { values: [{ key: 'k', value: { arrayValue: { values: [{ intValue: '1' }, { doubleValue: 1 }, { boolValue: true }] } } }] } } },
      { key: 'mlflow.spanInputs', value: { stringValue: '{"x":1}' } }, { key: 'b', value: { bytesValue: 'AA==' } },
    ];
    const template = {
      resourceSpans: [{
        resource: { attributes },
        scopeSpans: [{
          scope: { name: 's', version: '1' },
          spans: [{
            traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), parentSpanId: '', name: 'n', kind: 1, startTimeUnixNano: '1', endTimeUnixNano: '2', attributes,
            status: { code: 1, message: 'm' }, events: [{ timeUnixNano: '1', name: 'e', attributes }], links: [{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), attributes }],
          }],
        }],
      }],
    };
    const waiting = mutations(template);
    const work = async (): Promise<void> => {
      for (const { where, body } of waiting) {
        const status = await send(hostileJson(body), json);
        if (status >= 500) failed.push(`${where}: ${status}`);
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
    expect(failed).toEqual([]);
    const traces = new TraceClient(tracking);
    const found = await traces.search(ids.experiment, { max_results: 500 });
    expect(found.status).toBe(200);
    for (const { trace_id } of found.body.traces) {
      const { status } = await traces.v3('GET', `/get?trace_id=${trace_id}&allow_partial=true`);
      expect({ trace_id, status }).toEqual({ trace_id, status: 200 });
    }
  });

  it('that are damaged, bombs, or of another kind are answered below 500', async () => {
    const fine = exportOf(span(newTrace(), {}, { question: 'größe?' }));
    const statuses = new Set<number>();
    for (let at = 0; at < fine.length; at += 1) {
      statuses.add(await send(fine.slice(0, at)));
      statuses.add(await send(fine.map((byte, index) => (index === at ? byte ^ 0xff : byte))));
    }
    const nested = Buffer.from([...Array.from({ length: 60_000 }, () => [0x0a, 0xff, 0xff, 0x03]).flat(), 0x00]);
    for (const body of [nested, gzipSync(Buffer.alloc(100_000_000)), '[]', 'null', '{"resourceSpans":'.repeat(20_000), `{"resourceSpans":${'['.repeat(60_000)}`]) {
      for (const type of ['application/json', 'application/x-protobuf', 'text/plain', '']) {
        for (const encoding of ['gzip', 'deflate', 'br', 'identity', '\u00ff']) {
          statuses.add(await send(typeof body === 'string' ? body : new Uint8Array(body), { 'content-type': type, 'content-encoding': encoding }));
        }
      }
    }
    for (const experiment of ['', '0', '-1', 'x'.repeat(5_000), '../..', '%00', "'; --", '\u00ff']) statuses.add(await send(fine, { 'x-mlflow-experiment-id': experiment }));
    for (const run of ['x', '../..', '%00', 'x'.repeat(5_000)]) statuses.add(await send(fine, { 'x-mlflow-run-id': run }));
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
  });
});
