import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type RegistryClient } from '../support/registry-client.js';

/** Methods and paths that take a body, and those that take a query. */
const WITH_BODY = [
  ['POST', 'registered-models/create'], ['PATCH', 'registered-models/update'], ['POST', 'registered-models/rename'], ['DELETE', 'registered-models/delete'],
  ['POST', 'registered-models/set-tag'], ['DELETE', 'registered-models/delete-tag'], ['POST', 'registered-models/alias'], ['DELETE', 'registered-models/alias'],
  ['POST', 'registered-models/get-latest-versions'], ['POST', 'model-versions/create'], ['PATCH', 'model-versions/update'], ['DELETE', 'model-versions/delete'],
  ['POST', 'model-versions/transition-stage'], ['POST', 'model-versions/set-tag'], ['DELETE', 'model-versions/delete-tag'], ['POST', 'webhooks'],
] as const;
const WITH_QUERY = [
  'registered-models/get', 'registered-models/search', 'registered-models/alias', 'registered-models/get-latest-versions', 'model-versions/get', 'model-versions/search',
  'model-versions/get-download-uri', 'webhooks',
];
const FIELDS = [
  'name', 'new_name', 'version', 'alias', 'stage', 'stages', 'key', 'value', 'tags', 'source', 'run_id', 'model_id', 'run_link', 'description', 'archive_existing_versions',
  'url', 'events', 'secret', 'status',
];
const VALUES: readonly unknown[] = [
  null, true, 0, -1, 1e308, 4_294_967_296, 9_007_199_254_740_993, '', ' ', '\u0000', '\ud800', '../../etc/passwd', '%2e%2e%2f', "'; DROP TABLE model; --", 'x'.repeat(20_000), [], {}, [[]],
  [null], [{}], [{ key: null }], [{ key: {}, value: [] }], { toString: 1 }, { __proto__: null, constructor: 'x' }, ['a', 7],
];
const OWN = [
  ['POST', 'models'], ['PUT', 'models/fine/gates'], ['POST', 'models/fine/versions'], ['POST', 'freezes'], ['POST', 'webhooks'],
] as const;

describe('hostile input', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.as('ada', 'POST', '/api/2.0/mlflow/registered-models/create', { name: 'fine' });
    await registry.as('ada', 'POST', '/api/2.0/mlflow/model-versions/create', { name: 'fine', source: 's3://bucket/model' });
  });
  afterAll(() => registry.close());

  const fine = { name: 'fine', new_name: 'fine', version: '1', alias: 'a', stage: 'Staging', key: 'k', value: 'v', source: 's3://b/k', url: 'https://x.example/', gates: [] };
  const statusOf = async (method: string, path: string, body?: unknown) => (await registry.as('ada', method, path, body)).status;

  it.each(WITH_BODY)('%s %s answers any value of any field below 500', async (method, path) => {
    const sent = method === 'DELETE' || path === 'registered-models/rename' ? { ...fine, name: 'nobody' } : fine;
    for (const field of FIELDS) {
      const answers = await Promise.all(VALUES.map(async (value) => [value, await statusOf(method, `/api/2.0/mlflow/${path}`, { ...sent, [field]: value })] as const));
      expect(answers.filter(([, status]) => status >= 500), field).toEqual([]);
    }
  });

  it.each(OWN)('%s /registry/v1/%s answers any value of any field below 500', async (method, path) => {
    for (const field of ['name', 'description', 'alias', 'stage', 'gates', 'budget', 'model', 'from', 'to', 'reason', 'url', 'events', 'secret', 'run_id', 'digest', 'signature']) {
      const answers = await Promise.all(VALUES.map(async (value) => [value, await statusOf(method, `/registry/v1/${path}`, { ...fine, [field]: value })] as const));
      expect(answers.filter(([, status]) => status >= 500), field).toEqual([]);
    }
  });

  it.each(WITH_QUERY)('GET %s answers any filter, order, page token and number below 500', async (path) => {
    const texts = [
      '', "'", "name = '", "name LIKE '%' AND", 'name = name', "name = 'a' OR 1=1", "tags.`a`='b' AND tags.\"x'\" != ''", '(((((', 'x'.repeat(30_000), "name = '\u0000'", "name = '\\'", "name LIKE '\\'",
      'version_number > 99999999999999999999', "name IN ('a')", "run_id IN ()", Array.from({ length: 60 }, () => "name = 'a'").join(' AND '), '; DROP TABLE model',
      'eyJvZmZzZXQiOiAtMX0', Buffer.from('[99999999999]').toString('base64url'), Buffer.from('[1e999]').toString('base64url'), '-1', '1e9', 'NaN', '\ud800',
    ];
    for (const field of ['filter', 'order_by', 'page_token', 'max_results', 'name', 'version', 'alias', 'stages']) {
      for (const text of texts) {
        const query = new URLSearchParams({ name: 'fine', version: '1', alias: 'a', [field]: text });
        expect(await statusOf('GET', `/api/2.0/mlflow/${path}?${query}`), `${field}=${text.slice(0, 50)}`).toBeLessThan(500);
      }
      expect(await statusOf('GET', `/api/2.0/mlflow/${path}?${field}=a&${field}=b&${field}[x]=y`)).toBeLessThan(500);
    }
    expect(await statusOf('GET', `/api/2.0/mlflow/${path}?name=%00&filter=%ff%fe&page_token=%`)).toBeLessThan(500);
  });

  it('refuses what is no JSON, nests too deep, or is not an object', async () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    for (const body of ['{', '[', 'null', '7', '"x"', deep, `{"name":${deep}}`, '{"name":"fine","__proto__":{"x":1}}', '']) {
      for (const path of ['/api/2.0/mlflow/registered-models/create', '/registry/v1/models', '/api/2.0/mlflow/webhooks', '/registry/v1/freezes']) {
        const status = await statusOf('POST', path, body);
        expect(status, `${path} ${body.slice(0, 20)}`).toBeGreaterThanOrEqual(400);
        expect(status, `${path} ${body.slice(0, 20)}`).toBeLessThan(500);
      }
    }
  });

  it('refuses a body of 100 MB without taking it in, and answers on', async () => {
    const answered = await new Promise<number>((resolve, reject) => {
      const headers = { authorization: 'Bearer ada', 'content-type': 'application/json', 'content-length': 100_000_000 };
      const sending = request(`${registry.url}/api/2.0/mlflow/model-versions/create`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
        sending.destroy();
      });
      sending.once('error', reject);
      sending.write('{"name":"');
    });
    expect(answered).toBe(413);
    expect(await statusOf('GET', '/api/2.0/mlflow/registered-models/get?name=fine')).toBe(200);
  });

  it('knows no path tricks in names and ids', async () => {
    for (const name of ['..', '%2e%2e', '..%2f..%2fetc', '%00', '%ff', '%', 'a%0ab', 'x'.repeat(9_000)]) {
      for (const path of [`models/${name}`, `models/${name}/versions`, `models/${name}/deleted-versions`, `versions/${name}`, `webhooks/${name}`, `webhooks/${name}/deliveries`]) {
        const status = await statusOf('GET', `/registry/v1/${path}`);
        expect(status, path).toBeGreaterThanOrEqual(400);
        expect(status, path).toBeLessThan(500);
      }
    }
  });
});
