import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type RegistryClient } from '../support/registry-client.js';

/** Methods and paths that take a body, with the fields that they read. */
const WITH_BODY: readonly (readonly [string, string, readonly string[]])[] = [
  ['POST', 'registered-models/create', ['name', 'tags', 'description']],
  ['PATCH', 'registered-models/update', ['name', 'description']],
  ['POST', 'registered-models/rename', ['name', 'new_name']],
  ['DELETE', 'registered-models/delete', ['name']],
  ['POST', 'registered-models/set-tag', ['name', 'key', 'value']],
  ['DELETE', 'registered-models/delete-tag', ['name', 'key']],
  ['POST', 'registered-models/alias', ['name', 'alias', 'version']],
  ['DELETE', 'registered-models/alias', ['name', 'alias']],
  ['POST', 'registered-models/get-latest-versions', ['name', 'stages']],
  ['POST', 'model-versions/create', ['name', 'source', 'run_id', 'model_id', 'run_link', 'description', 'tags']],
  ['PATCH', 'model-versions/update', ['name', 'version', 'description']],
  ['DELETE', 'model-versions/delete', ['name', 'version']],
  ['POST', 'model-versions/transition-stage', ['name', 'version', 'stage', 'archive_existing_versions']],
  ['POST', 'model-versions/set-tag', ['name', 'version', 'key', 'value']],
  ['DELETE', 'model-versions/delete-tag', ['name', 'version', 'key']],
  ['POST', 'webhooks', ['name', 'url', 'events', 'secret', 'status', 'description']],
];
const WITH_QUERY = [
  'registered-models/get', 'registered-models/search', 'registered-models/alias', 'registered-models/get-latest-versions', 'model-versions/get', 'model-versions/search',
  'model-versions/get-download-uri', 'webhooks',
];
const VALUES: readonly unknown[] = [
  null, true, 0, -1, 1e308, 4_294_967_296, 2 ** 60, '', ' ', '\u0000', '\ud800', '../../etc/passwd', '%2e%2e%2f', "'; DROP TABLE model; --", 'x'.repeat(20_000),
  [], {}, [[]],
  [null], [{}], [{ key: null }], [{ key: {}, value: [] }], { toString: 1 }, { __proto__: null, constructor: 'x' }, ['a', 7],
];
const OWN: readonly (readonly [string, string, readonly string[]])[] = [
  ['POST', 'models', ['name', 'description']],
  ['PUT', 'models/fine/gates', ['alias', 'stage', 'gates', 'budget']],
  ['POST', 'models/fine/versions', ['run_id', 'source', 'digest', 'size_bytes', 'signature', 'training_set_id', 'golden_digest', 'description']],
  ['POST', 'freezes', ['model', 'from', 'to', 'reason']],
  ['POST', 'webhooks', ['name', 'url', 'events', 'secret', 'status', 'description']],
];
const OWN_FINE = {
  name: 'fine', url: 'https://x.example/', from: '2001-01-01T00:00:00Z', to: '2001-01-02T00:00:00Z', reason: 'r', alias: 'a', gates: [], events: ['prompt.created'],
  run_id: '4915f5ea945c4798b0a8a8747cfb337b', source: 's3://b/k', size_bytes: 1,
};

describe('hostile input', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
    await registry.as('ada', 'POST', '/api/2.0/mlflow/registered-models/create', { name: 'fine' });
    await registry.as('ada', 'POST', '/api/2.0/mlflow/model-versions/create', { name: 'fine', source: 's3://bucket/model' });
  });
  afterAll(() => registry.close());

  const fine = {
    name: 'fine', new_name: 'fine', version: '1', alias: 'a', stage: 'Staging', key: 'k', value: 'v', source: 's3://b/k', url: 'https://x.example/',
    events: [{ entity: 'PROMPT', action: 'CREATED' }],
  };
  /** What is refused must be readable for the clients of the route: MLflow's want `error_code`, ours `code`. Of too long a first line (431) nobody knows the route. */
  const statusOf = async (method: string, path: string, body?: unknown) => {
    const answer = await registry.as('ada', method, path, body);
    const field = path.startsWith('/api/') ? 'error_code' : 'code';
    if (answer.status >= 400 && answer.status !== 431) expect(answer.body, `${method} ${path.slice(0, 100)}: ${answer.status}`).toHaveProperty(field);
    return answer.status;
  };

  /** One after the other: many changes of one model at once are another matter. */
  const failures = async (method: string, path: string, fine: object, fields: readonly string[]): Promise<string[]> => {
    const failed: string[] = [];
    for (const field of [...fields, 'unknown_field']) {
      for (const value of VALUES) {
        const status = await statusOf(method, path, { ...fine, [field]: value });
        if (status >= 500) failed.push(`${field} = ${(JSON.stringify(value) ?? '').slice(0, 40)}: ${status}`);
      }
    }
    return failed;
  };

  it.each(WITH_BODY)('%s %s answers any value of any field below 500', async (method, path, fields) => {
    const isHarmful = method === 'DELETE' || path === 'registered-models/rename';
    expect(await failures(method, `/api/2.0/mlflow/${path}`, isHarmful ? { ...fine, name: 'nobody' } : fine, fields)).toEqual([]);
  });

  it.each(OWN)('%s /registry/v1/%s answers any value of any field below 500', async (method, path, fields) => {
    const { digest } = await registry.running.parts.objectStore.put(Buffer.from('x'));
    const sent = Object.fromEntries(Object.entries({ ...OWN_FINE, digest }).filter(([field]) => fields.includes(field)));
    expect(await failures(method, `/registry/v1/${path}`, sent, fields)).toEqual([]);
  });

  it.each(WITH_QUERY)('GET %s answers any filter, order, page token and number below 500', async (path) => {
    const texts = [
      '', "'", "name = '", "name LIKE '%' AND", 'name = name', "name = 'a' OR 1=1", "tags.`a`='b' AND tags.\"x'\" != ''", '(((((', 'x'.repeat(30_000), "name = '\u0000'",
      "name = '\\'", "name LIKE '\\'",
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
    const large = await registry.as('ada', 'POST', '/api/2.0/mlflow/model-versions/create', `"${'x'.repeat(2 * 1024 * 1024)}"`);
    expect(large).toMatchObject({ status: 413, body: { error_code: 'BAD_REQUEST', message: expect.stringContaining('large') } });
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
