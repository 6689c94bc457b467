import { waitUntil } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../support/serving.js';
import { deployIdentity, sendV2 } from '../support/v2-client.js';

const EXTENSIONS = ['classification', 'schedule_policy', 'model_configuration', 'binary_tensor_data', 'parameters', 'statistics'];
const features = { name: 'features', shape: [1, 2], datatype: 'FP32', data: [1, 2] };

let serving: Serving;
let versionId: string;
const get = (path: string) => serving.fetchJson('GET', `/v2${path}`);
const post = (path: string, body?: unknown) => serving.fetchJson('POST', `/v2${path}`, body);

beforeAll(async () => {
  serving = await startServing();
  await serving.deploy();
  versionId = await serving.version();
  await serving.complete('delays', await serving.rollOut('delays', versionId, { canary_weight: 0.5 }));
  await serving.deploy('idle');
  await deployIdentity(serving, 'echo', [{ name: 'x', datatype: 'BYTES', shape: [-1] }, { name: 'y', datatype: 'FP16', shape: [-1, 3] }]);
});

afterAll(() => serving.close());

describe('200', () => {
  it('lists models and what is ready of them', async () => {
    expect((await get('')).body).toEqual({ name: 'cairn', version: '1', extensions: EXTENSIONS });
    expect((await get('/models?test_1=1')).body).toEqual({ models: ['delays', 'echo', 'idle'] });
    const index = [{ name: 'delays', version: '1', state: 'READY', reason: '' }, { name: 'echo', version: '1', state: 'READY', reason: '' }];
    for (const path of ['/repository/index', '/repository/any/index']) expect((await post(path)).body).toEqual(index);
    expect((await post('/repository/index', { ready: true })).body).toEqual(index);
  });

  it('configures a model as its deployment does', async () => {
    const { body } = await get('/models/delays/config');
    expect(body).toMatchObject({
      name: 'delays', platform: 'onnxruntime_onnx', backend: 'onnxruntime', max_batch_size: 16_384,
      input: [{ name: 'features', data_type: 'TYPE_FP32', dims: [2] }], output: [{ name: 'probability', data_type: 'TYPE_FP32', dims: [1] }],
      dynamic_batching: { preferred_batch_size: [], max_queue_delay_microseconds: 0 }, instance_group: [{ name: 'delays', kind: 'KIND_CPU', count: 2 }],
      version_policy: { specific: { versions: [1] } },
    });
    expect((await get('/models/delays/versions/1/config')).body).toEqual(body);
    expect((await get('/models/echo/config')).body.input).toEqual([
      { name: 'x', data_type: 'TYPE_STRING', dims: [1], reshape: { shape: [] } },
      { name: 'y', data_type: 'TYPE_FP16', dims: [3] },
    ]);
    const settings = { max_rows: 8, delay_us: 100, preferred_rows: [4, 8], max_queued: 16 };
    await serving.fetchJson('PUT', '/serving/v1/deployments/delays/batching', settings);
    expect((await get('/models/delays/config')).body).toMatchObject({
      max_batch_size: 8,
      dynamic_batching: { preferred_batch_size: [4, 8], max_queue_delay_microseconds: 100, default_queue_policy: { max_queue_size: 16 } },
    });
  });

  it('counts what was answered and what failed', async () => {
    const stats = async (path: string) => (await get(path)).body.model_stats[0];
    const before = await stats('/models/delays/stats');
    await serving.infer('delays', [[1, 2], [3, 4]]);
    await serving.infer('delays', [[1, 2]]);
    const after = await stats('/models/delays/versions/1/stats');
    expect(after).toMatchObject({ name: 'delays', version: '1', inference_count: before.inference_count + 3, execution_count: before.execution_count + 2 });
    expect(after.inference_stats.success.count).toBe(before.inference_stats.success.count + 2);
    for (const part of ['success', 'queue', 'compute_infer']) expect(after.inference_stats[part].ns).toBeGreaterThan(before.inference_stats[part].ns);
    expect(after.inference_stats).toMatchObject({ fail: { count: 0, ns: 0 }, cache_hit: { count: 0, ns: 0 }, cache_miss: { count: 0, ns: 0 } });
    expect(after.batch_stats.map(({ batch_size }: { batch_size: number }) => batch_size)).toEqual([1, 2]);
    expect(after.last_inference).toBeGreaterThanOrEqual(before.last_inference);
    expect((await get('/models/stats')).body.model_stats.map(({ name }: { name: string }) => name).sort()).toEqual(['delays', 'echo']);
    expect((await get('/models/idle/stats')).body).toEqual({ model_stats: [] });
  });

  it('answers a version by its alias', async () => {
    const asked = await post('/models/delays/versions/champion/infer', { inputs: [features] });
    expect(asked.body).toMatchObject({ model_version: '1', parameters: { arm: 'pinned' } });
    expect((await get('/models/delays/versions/champion/ready')).body).toEqual({ name: 'delays', ready: true });
  });

  it('names classes instead of values', async () => {
    const outputs = [{ name: 'probability', parameters: { classification: 3 } }];
    const { body } = await post('/models/delays/infer', { inputs: [{ ...features, shape: [2, 2], data: [1, 2, 1, 2] }], outputs });
    expect(body.outputs[0]).toMatchObject({ datatype: 'BYTES', shape: [2, 1] });
    expect(body.outputs[0].data[0]).toMatch(/^0\.\d{6}:0$/);
  });

  it('takes texts in JSON and halves behind it', async () => {
    const halves = Buffer.from(new Uint16Array([0x3c00, 0x4000, 0xc000]).buffer);
    const inputs = [{ name: 'x', datatype: 'BYTES', shape: [1], data: ['grüße'] }, { name: 'y', datatype: 'FP16', shape: [1, 3], parameters: { binary_data_size: 6 } }];
    const outputs = [{ name: 'x_out' }, { name: 'y_out', parameters: { binary_data: true } }];
    const head = Buffer.from(JSON.stringify({ inputs, outputs }));
    const headers = { 'inference-header-content-length': String(head.length) };
    const answer = await sendV2(serving, '/v2/models/echo/versions/1/infer', Buffer.concat([head, halves]), headers);
    const length = Number(answer.headers.get('inference-header-content-length'));
    expect(JSON.parse(answer.bytes.toString('utf8', 0, length)).outputs).toMatchObject([{ data: ['grüße'] }, { datatype: 'FP16', parameters: { binary_data_size: 6 } }]);
    expect(answer.bytes.subarray(length)).toEqual(halves);
  });

  it('takes and gives scalars, what has no elements, and shapes that count no rows, in both encodings', async () => {
    const specs = [{ name: 's', datatype: 'FP64', shape: [] }, { name: 'e', datatype: 'INT64', shape: [0, 2] }, { name: 'm', datatype: 'UINT8', shape: [2, 3] }];
    await deployIdentity(serving, 'fixed', specs);
    expect((await get('/models/fixed/config')).body).toMatchObject({ max_batch_size: 0, input: [{ dims: [] }, { dims: [0, 2] }, { dims: [2, 3] }] });
    const data = [[0.1], [], [[1, 2, 3], [4, 5, 255]]];
    const path = '/v2/models/fixed/versions/1/infer';
    const asJson = await sendV2(serving, path, JSON.stringify({ inputs: specs.map((spec, index) => ({ ...spec, data: data[index] })) }));
    expect(asJson.json().outputs.map(({ shape, data: given }: { shape: number[]; data: number[] }) => [shape, given])).toEqual([
      [[], [0.1]], [[0, 2], []], [[2, 3], [1, 2, 3, 4, 5, 255]],
    ]);
    const raw = [Buffer.from(new Float64Array([0.1]).buffer), Buffer.alloc(0), Buffer.from([1, 2, 3, 4, 5, 255])];
    const inputs = specs.map((spec, index) => ({ ...spec, parameters: { binary_data_size: raw[index]?.length } }));
    const head = Buffer.from(JSON.stringify({ inputs, parameters: { binary_data_output: true } }));
    const asRaw = await sendV2(serving, path, Buffer.concat([head, ...raw]), { 'inference-header-content-length': String(head.length) });
    expect(asRaw.bytes.subarray(Number(asRaw.headers.get('inference-header-content-length')))).toEqual(Buffer.concat(raw));
    expect((await get('/models/fixed/stats')).body.model_stats[0]).toMatchObject({ inference_count: 2, execution_count: 2 });
  });

  it('shows settings, and lets be what would change nothing', async () => {
    const trace = { trace_level: ['OFF'], trace_rate: '1000', trace_count: '-1', log_frequency: '0', trace_file: '', trace_mode: 'triton' };
    for (const path of ['/trace/setting', '/models/delays/trace/setting']) {
      expect((await get(path)).body).toEqual(trace);
      expect((await post(path, { trace_level: 'OFF', trace_rate: 1000, trace_count: null })).body).toEqual(trace);
    }
    expect((await get('/logging')).body).toMatchObject({ log_info: true, log_verbose_level: 0 });
    expect((await post('/logging', { log_info: true })).status).toBe(200);
  });

  it('has no shared memory to show or to clear', async () => {
    for (const kind of ['system', 'cuda']) {
      for (const place of [`/${kind}sharedmemory`, `/${kind}sharedmemory/region/r`]) {
        expect((await get(`${place}/status`)).body).toEqual([]);
        expect((await post(`${place}/unregister`)).status).toBe(200);
      }
    }
  });
});

describe('400', () => {
  it.each([
    ['GET', '/models/nobody/config', "Request for unknown model: 'nobody' is not found"],
    ['GET', '/models/nobody/stats', "Request for unknown model: 'nobody' is not found"],
    ['GET', '/models/nobody/trace/setting', "Request for unknown model: 'nobody' is not found"],
    ['POST', '/repository/models/nobody/load', "Request for unknown model: 'nobody' is not found"],
    ['POST', '/repository/models/delays/load', "failed to load 'delays': a deployment runs what was rolled out; start a rollout with POST /serving/v1/deployments/<name>/rollouts"],
    ['POST', '/repository/models/delays/unload', "failed to unload 'delays'"],
  ])('for %s %s', async (method, path, message) => {
    const { status, body } = await serving.fetchJson(method, `/v2${path}`);
    expect(status).toBe(400);
    expect(body.error).toContain(message);
  });

  it.each([
    ['/trace/setting', { trace_level: ['TIMESTAMPS'] }, "trace setting 'trace_level' can't be changed"],
    ['/trace/setting', { x: 1 }, "there is no trace setting 'x'"],
    ['/logging', { log_verbose_level: 1 }, "log setting 'log_verbose_level' can't be changed"],
    ['/logging', JSON.parse('{"__proto__": 1}'), "there is no log setting '__proto__'"],
    ['/repository/index', { ready: 'yes' }, "Unable to parse 'ready'"],
    ['/models/delays/infer', { inputs: [features], outputs: [{ name: 'probability', parameters: { classification: 0 } }] }, 'at least 1'],
    ['/models/delays/infer', { inputs: [features], outputs: [{ name: 'probability', parameters: { classification: 'a' } }] }, 'at least 1'],
    [
      '/models/echo/versions/1/infer',
      { inputs: [{ name: 'x', datatype: 'BYTES', shape: [1], data: ['a'] }, { name: 'y', datatype: 'FP16', shape: [1, 3], data: [1, 2, 3] }] },
      'receiving FP16 data via JSON is not supported. Please use the binary data format for input y',
    ],
  ])('for %s with %j', async (path, body, message) => {
    const answer = await post(path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(message);
  });
});

describe('404', () => {
  it('for a version without such an alias, and for one that has lost it', async () => {
    expect((await get('/models/delays/versions/challenger')).body.error).toBe("Request for unknown model: 'delays' version challenger is not found");
    expect((await get('/models/echo/versions/__proto__')).status).toBe(404);
    await serving.removeAlias(versionId);
    await waitUntil('the alias is gone', async () => (await get('/models/delays/versions/champion')).status === 404);
  });

  it.each(['/models/delays/versions', '/models/delays/versions/1/nothing', '/nothing', '/models/delays/generate'])('for %s', async (path) => {
    expect(await post(path, {})).toMatchObject({ status: 404, body: { error: 'Not Found' } });
  });
});

describe('405', () => {
  it.each([
    ['GET', '/models/delays/infer', 'POST'],
    ['DELETE', '/models/delays', 'GET, HEAD'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['POST', '', 'GET, HEAD'],
    ['GET', '/repository/index', 'POST'],
    ['PUT', '/logging', 'GET, HEAD, POST'],
  ])('for %s %s', async (method, path, allowed) => {
    const response = await fetch(`${serving.url}/v2${path}`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allowed);
    expect(await response.json()).toEqual({ error: `Method Not Allowed: ${allowed} can be sent to this path` });
  });
});

describe('501', () => {
  it('for shared memory', async () => {
    expect((await post('/systemsharedmemory/region/r/register', { key: '/r', byte_size: 8 })).body.error).toContain('shared memory is not supported');
    const parameters = { shared_memory_region: 'r', shared_memory_byte_size: 8 };
    expect((await post('/models/delays/infer', { inputs: [{ ...features, data: undefined, parameters }] })).status).toBe(501);
    expect((await post('/models/delays/infer', { inputs: [features], outputs: [{ name: 'probability', parameters }] })).status).toBe(501);
  });
});
