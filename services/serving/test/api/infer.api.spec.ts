import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logistic } from '../support/onnx-model.js';
import { sendV2 } from '../support/v2-client.js';
import { MODEL, startServing, type Serving } from '../support/serving.js';

let serving: Serving;
const PATH = '/v2/models/delays/infer';
const features = { name: 'features', shape: [1, 2], datatype: 'FP32', data: [1, 2] };

const send = (path: string, body: string | Buffer, headers?: Record<string, string>) => sendV2(serving, path, body, headers);

const sendJson = async (request: object, path = PATH) => {
  const answer = await send(path, JSON.stringify(request));
  return { status: answer.status, body: answer.json() };
};

beforeAll(async () => {
  serving = await startServing();
  await serving.deploy();
  await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
});

afterAll(() => serving.close());

describe('200', () => {
  it('answers rows, flat or nested, and echoes the id', async () => {
    const nested = { ...features, shape: [2, 2], data: [[1, 2], [3, 4]] };
    const { status, body } = await sendJson({ id: 'mine', inputs: [nested] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ model_name: 'delays', model_version: '1', id: 'mine', parameters: { arm: 'live', model_version: '1' } });
    expect(body.parameters.inference_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(body.outputs[0]).toMatchObject({ name: 'probability', datatype: 'FP32', shape: [2, 1] });
    expect(body.outputs[0].data[1]).toBeCloseTo(logistic(MODEL, [3, 4]), 6);
    expect((await sendJson({ inputs: [{ ...nested, data: [1, 2, 3, 4] }] })).body.outputs[0].data).toEqual(body.outputs[0].data);
  });

  it('takes any Content-Type, a version and a query', async () => {
    for (const type of ['application/json', 'application/octet-stream', 'text/plain']) {
      expect((await send(PATH, JSON.stringify({ inputs: [features] }), { 'content-type': type })).status).toBe(200);
    }
    expect((await sendJson({ inputs: [features] }, '/v2/models/delays/versions/1/infer?test_1=1')).body.parameters.arm).toBe('pinned');
  });

  it('takes and gives raw tensors', async () => {
    const head = Buffer.from(JSON.stringify({ inputs: [{ ...features, data: undefined, parameters: { binary_data_size: 8 } }], parameters: { binary_data_output: true } }));
    const body = Buffer.concat([head, Buffer.from(new Float32Array([1, 2]).buffer)]);
    const { status, headers, bytes } = await send(PATH, body, { 'inference-header-content-length': String(head.length) });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    const jsonLength = Number(headers.get('inference-header-content-length'));
    expect(JSON.parse(bytes.toString('utf8', 0, jsonLength)).outputs).toEqual([{ name: 'probability', datatype: 'FP32', shape: [1, 1], parameters: { binary_data_size: 4 } }]);
    expect(bytes.readFloatLE(jsonLength)).toBeCloseTo(logistic(MODEL, [1, 2]), 6);
  });

  it('answers an empty batch, and only the outputs that are wanted', async () => {
    expect((await sendJson({ inputs: [{ ...features, shape: [0, 2], data: [] }] })).body.outputs[0]).toMatchObject({ shape: [0, 1], data: [] });
    expect((await sendJson({ inputs: [features], outputs: [{ name: 'probability' }] })).body.outputs).toHaveLength(1);
  });

  it('tells what is served, live and ready', async () => {
    const get = async (path: string) => (await serving.fetchJson('GET', path)).body;
    expect(await get('/v2/health/live')).toEqual({ live: true });
    expect(await get('/v2/health/ready')).toEqual({ ready: true });
    expect(await get('/v2/models/delays')).toEqual({
      name: 'delays', versions: ['1'], platform: 'onnxruntime_onnx',
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }], outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
    });
    expect(await get('/v2/models/delays/versions/1/ready')).toEqual({ name: 'delays', ready: true });
  });

  it('is in the API document and the metrics', async () => {
    const { paths } = (await serving.fetchJson('GET', '/openapi.json')).body;
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/v2/models/{model}/infer', '/serving/v1/deployments/{name}/rollouts']));
    const metrics = (await serving.fetchJson('GET', '/metrics')).body;
    expect(metrics).toContain('cairn_inference_requests_total{deployment="delays",arm="live",outcome="answered"}');
    expect(metrics).toContain('cairn_replicas_ready{deployment="delays",version="1"} 2');
  });
});

describe('400', () => {
  it.each([
    ['{', 'failed to parse the request JSON buffer'],
    [JSON.stringify({ inputs: [] }), "Unable to parse 'inputs'"],
    [JSON.stringify({ inputs: [{ ...features, name: 'x' }] }), "unexpected inference input 'x' for model 'delays'"],
    [JSON.stringify({ inputs: [{ ...features, datatype: 'FP64' }] }), "inference input 'features' data-type is 'FP64', but model 'delays' expects 'FP32'"],
    [JSON.stringify({ inputs: [{ ...features, shape: [1, 3], data: [1, 2, 3] }] }), "unexpected shape for input 'features' for model 'delays'. Expected [-1,2], got [1,3]"],
    [JSON.stringify({ inputs: [features], outputs: [{ name: 'x' }] }), "unexpected inference output 'x' for model 'delays'"],
    [JSON.stringify({ inputs: [features], parameters: { event_time: 'yesterday' } }), "parameter 'event_time' must be an RFC 3339 time"],
    [JSON.stringify({ inputs: [{ ...features, shape: [16385, 2], data: new Array(32770).fill(0) }] }), 'batch-size must be <= 16384'],
  ])('for %.60s', async (body, message) => {
    const answer = await send(PATH, body);
    expect(answer.status).toBe(400);
    expect(answer.json().error).toContain(message);
  });

  it('for a model that nobody deployed, and for more JSON than may be parsed', async () => {
    expect(await sendJson({ inputs: [features] }, '/v2/models/nobody/infer')).toEqual({ status: 400, body: { error: "Request for unknown model: 'nobody' is not found" } });
    const { headers, json } = await send(PATH, Buffer.alloc(2_097_153, ' '));
    expect(headers.get('content-type')).toBe('application/json');
    expect(json().error).toContain('exceeds maximum size of 2097152');
  });
});

describe('400 for what the caller can ask for otherwise', () => {
  it('for an output that JSON can’t say', async () => {
    const head = Buffer.from(JSON.stringify({ inputs: [{ ...features, data: undefined, parameters: { binary_data_size: 8 } }] }));
    const { status, json } = await send(PATH, Buffer.concat([head, Buffer.from(new Float32Array([Number.NaN, 1]).buffer)]), {
      'inference-header-content-length': String(head.length),
    });
    expect(status).toBe(400);
    expect(json().error).toContain("output 'probability' has values that are not finite");
  });
});

describe('404', () => {
  it('for a version that is not served, and for no such path', async () => {
    expect((await sendJson({ inputs: [features] }, '/v2/models/delays/versions/7/infer')).status).toBe(404);
    expect(await sendJson({}, '/v2/nothing')).toEqual({ status: 404, body: { error: 'Not Found' } });
  });
});
