import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';

import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { service } from '../../src/app.module.js';
import { answerJson, bodyOf, startUpstream, type Upstream } from '../support/upstream.js';

let gateway: TestService;
let upstreams: Record<'serving' | 'features' | 'registry' | 'tracking' | 'lineage' | 'breaking', Upstream>;

beforeAll(async () => {
  const named = (name: string) => startUpstream((request, response) => answerJson(response, { by: name, method: request.method, url: request.url }));
  upstreams = {
    serving: await startUpstream((request, response) => {
      if (request.url === '/v2/count') void bodyOf(request).then((body) => answerJson(response, { bytes: body.length }));
      else if (request.url === '/v2/echo') request.pipe(response);
      else answerJson(response, { code: 'MODEL_UNKNOWN' }, 404);
    }),
    features: await named('features'),
    registry: await named('registry'),
    tracking: await named('tracking'),
    lineage: await named('lineage'),
    // Promises more than it sends.
    breaking: await startUpstream((_, response) => {
      response.socket?.destroy();
    }),
  };
  gateway = await startTestService(service, {
    settings: {
      CAIRN_SERVING_URL: upstreams.serving.url,
      CAIRN_FEATURE_STORE_URL: upstreams.features.url,
      CAIRN_MODEL_REGISTRY_URL: upstreams.registry.url,
      CAIRN_EXPERIMENT_TRACKING_URL: upstreams.tracking.url,
      CAIRN_LINEAGE_URL: upstreams.lineage.url,
      CAIRN_MONITORING_URL: upstreams.breaking.url,
      CAIRN_DATA_CATALOG_URL: 'http://127.0.0.1:1',
    },
  });
});

afterAll(async () => {
  await gateway.close();
  for (const upstream of Object.values(upstreams)) await upstream.close();
});

describe('replicas of serving', () => {
  it('are asked in turns, and serving itself for everything else', async () => {
    const answering = await Promise.all(['one', 'two'].map((name) => startUpstream((request, response) => answerJson(response, { by: name, url: request.url }))));
    const CAIRN_INFERENCE_URLS = answering.map(({ url }) => url).join(', ');
    const balancing = await startTestService(service, { settings: { CAIRN_SERVING_URL: upstreams.features.url, CAIRN_INFERENCE_URLS } });
    const asked = [];
    for (let count = 0; count < 4; count += 1) asked.push((await balancing.fetchJson('POST', '/v2/models/m/infer', {})).body);
    expect(asked.map(({ by }) => by)).toEqual(['one', 'two', 'one', 'two']);
    expect(asked[0].url).toBe('/v2/models/m/infer');
    expect((await balancing.fetchJson('GET', '/serving/v1/replicas')).body.by).toBe('features');
    await answering[0]?.close();
    const statuses = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await balancing.fetchJson('POST', '/v2/models/m/infer', {})).status);
    // The one that is gone is asked now and then; nobody is told so twice in a row.
    expect(statuses).toContain(200);
    expect(statuses.join()).not.toContain('503,503');
    await balancing.close();
    await answering[1]?.close();
  });

  it('need URLs that are some', async () => {
    const starting = startTestService(service, { settings: { CAIRN_INFERENCE_URLS: 'http://a:1,ftp://b' } });
    await expect(starting).rejects.toThrow('CAIRN_INFERENCE_URLS must name http or https URLs, separated by commas, but has ftp://b.');
  });
});

describe('200', () => {
  it.each([
    ['GET', '/api/2.0/mlflow/experiments/search?max_results=5', 'tracking'],
    ['POST', '/api/2.0/mlflow/runs/create', 'tracking'],
    ['PUT', '/api/2.0/mlflow-artifacts/artifacts/1/model.onnx', 'tracking'],
    ['GET', '/get-artifact?run_id=1&path=x', 'tracking'],
    ['GET', '/api/2.0/mlflow/registered-models/get?name=a', 'registry'],
    ['PATCH', '/api/2.0/mlflow/model-versions/update', 'registry'],
    ['DELETE', '/api/2.0/mlflow/registered-models/delete', 'registry'],
    ['GET', '/registry/v1/models', 'registry'],
    ['GET', '/tile/0/000', 'lineage'],
    ['GET', '/checkpoint', 'lineage'],
    ['POST', '/get-online-features', 'features'],
    ['POST', '/materialize', 'features'],
    ['GET', '/lineage/v1/graph?at=5', 'lineage'],
  ])('%s %s is answered by %s', async (method, path, by) => {
    const { status, body } = await gateway.fetchJson(method, path);
    expect({ status, body }).toEqual({ status: 200, body: { by, method, url: path } });
  });

  it('says where it was reached, unless somebody before it has said so', async () => {
    const { host } = new URL(gateway.url);
    const seen = () => upstreams.tracking.requests.at(-1)?.headers;
    await gateway.fetchJson('GET', '/version');
    expect(seen()).toMatchObject({ 'x-forwarded-host': host, 'x-forwarded-proto': 'http' });
    await gateway.fetchJson('GET', '/version', undefined, { 'x-forwarded-host': 'cairn.example', 'x-forwarded-proto': 'https' });
    expect(seen()).toMatchObject({ 'x-forwarded-host': 'cairn.example', 'x-forwarded-proto': 'https' });
  });

  it('passes the trace, the request id and the token on', async () => {
    const headers = {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'x-request-id': 'r-1',
      authorization: 'Bearer t',
      'x-cairn-workspace': 'team-a',
      'idempotency-key': 'k',
    };
    await gateway.fetchJson('GET', '/registry/v1/headers', undefined, headers);
    const arrived = upstreams.registry.requests.find((request) => request.url === '/registry/v1/headers');
    expect(arrived?.headers).toMatchObject(headers);
  });

  it('takes bodies far above the limit of parsed ones, of any type', async () => {
    for (const type of ['application/octet-stream', 'application/json', 'application/x-parquet']) {
      const response = await fetch(`${gateway.url}/v2/count`, { method: 'POST', headers: { 'content-type': type }, body: randomBytes(5_000_000) });
      expect(await response.json()).toEqual({ bytes: 5_000_000 });
    }
  });

  it('streams both ways: the answer begins before the question has ended', async () => {
    const question = httpRequest(`${gateway.url}/v2/echo`, { method: 'POST', headers: { 'content-type': 'application/octet-stream' } });
    question.write('first');
    const answer = await new Promise<AsyncIterable<Buffer>>((resolve) => question.once('response', resolve));
    const chunks = answer[Symbol.asyncIterator]();
    expect((await chunks.next()).value.toString()).toBe('first');
    question.end('second');
    expect((await chunks.next()).value.toString()).toBe('second');
  });
});

describe('404', () => {
  it('of a service comes through as it is', async () => {
    expect(await gateway.fetchJson('GET', '/v2/models/none')).toMatchObject({ status: 404, body: { code: 'MODEL_UNKNOWN' } });
  });

  it('is a problem where no service is', async () => {
    const { status, headers, body } = await gateway.fetchJson('GET', '/nobody/here');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('502', () => {
  it('when a service breaks off its answer', async () => {
    const { status, headers, body } = await gateway.fetchJson('POST', '/monitoring/v1/monitors', {});
    expect(status).toBe(502);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ code: 'SERVICE_BROKE_OFF', status: 502 });
  });
});

describe('503', () => {
  it('when a service is down, while the others go on', async () => {
    const { status, headers, body } = await gateway.fetchJson('GET', '/catalog/v1/datasets');
    expect(status).toBe(503);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(headers.get('retry-after')).toBe('1');
    expect(body).toMatchObject({ type: 'urn:cairn:problem:service-unreachable', title: 'Service Unavailable', code: 'SERVICE_UNREACHABLE', status: 503 });
    expect(JSON.stringify(body)).not.toContain('127.0.0.1');
    expect((await gateway.fetchJson('GET', '/lineage/v1/graph')).status).toBe(200);
  });
});
