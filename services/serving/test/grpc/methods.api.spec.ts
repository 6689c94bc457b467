import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { status } from '@grpc/grpc-js';
import { create, toBinary } from '@bufbuild/protobuf';
import { grpcHealth, inference } from '@cairn/contracts';
import { waitUntil } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../support/serving.js';
import { GrpcClient, methods, rowRequest } from './grpc-client.js';

const { SERVING, SERVICE_UNKNOWN } = grpcHealth.HealthCheckResponse_ServingStatus;
const health = grpcHealth.Health.method;
const TOKEN = 'token-of-ana';
const tokens = new Map([[createHash('sha256').update(TOKEN).digest('hex'), 'ana']]);
const headers = { authorization: `Bearer ${TOKEN}` };
const MIB = 1024 * 1024;

let serving: Serving;
let guarded: Serving;
let client: GrpcClient;

const bytesOf = (request: Parameters<typeof create<typeof inference.ModelInferRequestSchema>>[1]): Buffer =>
  Buffer.from(toBinary(inference.ModelInferRequestSchema, create(inference.ModelInferRequestSchema, request)));
const features = { name: 'features', datatype: 'FP32', shape: [1n, 2n] };
const raw = new Uint8Array(8);
const right = { modelName: 'delays', inputs: [features], rawInputContents: [raw] };

beforeAll(async () => {
  [serving, guarded] = await Promise.all([startServing({ settings: { CAIRN_SERVING_MAX_BODY_BYTES: String(8 * MIB) } }), startServing({ config: { auth: { tokens } } })]);
  await serving.deploy();
  await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
  client = GrpcClient.of(serving);
});

afterAll(async () => {
  client.close();
  await Promise.all([serving.close(), guarded.close()]);
});

describe('OK', () => {
  it('tells how a model is configured', async () => {
    const { config } = await client.ask(methods.modelConfig, { name: 'delays', version: '1' });
    expect(config).toMatchObject({
      name: 'delays', platform: 'onnxruntime_onnx', backend: 'onnxruntime', maxBatchSize: 16_384,
      input: [{ name: 'features', dataType: inference.DataType.TYPE_FP32, dims: [2n] }],
      output: [{ name: 'probability', dataType: inference.DataType.TYPE_FP32, dims: [1n] }],
      instanceGroup: [{ count: 2, kind: inference.ModelInstanceGroup_Kind.CPU }],
      versionPolicy: { policyChoice: { case: 'specific', value: { versions: [1n] } } },
      schedulingChoice: { case: 'dynamicBatching', value: { maxQueueDelayMicroseconds: 0n, defaultQueuePolicy: { maxQueueSize: 1_024 } } },
    });
  });

  it('lists what is deployed in the workspace of whoever asks', async () => {
    const mine = await client.ask(methods.repositoryIndex, { ready: true });
    expect(mine.models).toMatchObject([{ name: 'delays', version: '1', state: 'READY', reason: '' }]);
    const elsewhere = GrpcClient.of(serving, { 'x-mlflow-workspace': 'red' });
    expect((await elsewhere.ask(methods.repositoryIndex, {})).models).toEqual([]);
    await expect(elsewhere.ask(methods.modelInfer, rowRequest([1, 2]))).rejects.toMatchObject({ details: "Request for unknown model: 'delays' is not found" });
    elsewhere.close();
  });

  it('shows settings of traces and logs, and that there is no shared memory', async () => {
    expect((await client.ask(methods.traceSetting, {})).settings['trace_level']?.value).toEqual(['OFF']);
    expect((await client.ask(methods.logSettings, {})).settings['log_info']?.parameterChoice).toEqual({ case: 'boolParam', value: true });
    for (const name of ['', 'region']) {
      expect((await client.ask(methods.systemSharedMemoryStatus, { name })).regions).toEqual({});
      expect((await client.ask(methods.cudaSharedMemoryStatus, { name })).regions).toEqual({});
      await client.ask(methods.systemSharedMemoryUnregister, { name });
      await client.ask(methods.cudaSharedMemoryUnregister, { name });
    }
  });

  it('says that it serves, also to a probe without a token', async () => {
    const probe = GrpcClient.of(guarded);
    await waitUntil('it serves', async () => (await probe.ask(health.check, {})).status === SERVING);
    expect(await probe.ask(health.check, { service: 'inference.GRPCInferenceService' })).toMatchObject({ status: SERVING });
    const watch = probe.watch('somebody.Else');
    const seen: number[] = [];
    watch.on('data', ({ status: now }: grpcHealth.HealthCheckResponse) => seen.push(now));
    watch.on('error', () => undefined);
    await waitUntil('it answers', () => seen.length > 0);
    expect(seen).toEqual([SERVICE_UNKNOWN]);
    watch.cancel();
    probe.close();
  });

  it('takes the token that HTTP takes', async () => {
    const ana = GrpcClient.of(guarded, headers);
    expect(await ana.ask(methods.serverLive, {})).toMatchObject({ live: true });
    ana.close();
  });
});

describe('INVALID_ARGUMENT', () => {
  it.each([
    ['raw bytes that lie', bytesOf({ modelName: 'delays', inputs: [features], rawInputContents: [new Uint8Array(7)] }), 'expecting 1 additional bytes'],
    ['a negative shape', bytesOf({ modelName: 'delays', inputs: [{ ...features, shape: [-1n, -2n] }], rawInputContents: [raw] }), 'needs a shape'],
    ['a shape that overflows', bytesOf({ modelName: 'delays', inputs: [{ ...features, shape: [2n ** 40n, 2n ** 40n] }], rawInputContents: [raw] }), 'total element count'],
    ['raw and contents', bytesOf({ ...right, inputs: [{ ...features, contents: { fp32Contents: [1, 2] } }] }), 'contents field must not be specified'],
    ['an unknown model', bytesOf({ modelName: 'nobody', inputs: [features], rawInputContents: [raw] }), "Request for unknown model: 'nobody' is not found"],
    ['a name longer than a header', bytesOf({ modelName: 'x'.repeat(MIB), inputs: [features], rawInputContents: [raw] }), 'Request for unknown model'],
    ['an unknown output', bytesOf({ ...right, outputs: [{ name: 'x' }] }), "unexpected inference output 'x' for model 'delays'"],
    ['garbage', Buffer.from('garbage'), 'no valid inference.ModelInferRequest'],
    ['a million inputs', Buffer.alloc(2 * MIB, Buffer.from([0x2a, 0x00])), 'more than 10000 inputs'],
    ['a workspace that can’t be', undefined, 'Name one workspace'],
  ])('for %s', async (_what, bytes, message) => {
    const asking = bytes === undefined ? GrpcClient.of(serving, { 'x-cairn-workspace': 'No!' }) : client;
    const refused = { code: status.INVALID_ARGUMENT, details: expect.stringContaining(message) };
    await expect(asking.send(methods.modelInfer, bytes ?? bytesOf(right))).rejects.toMatchObject(refused);
    if (asking !== client) asking.close();
  });

  it('for what only a rollout may change, and for settings', async () => {
    const refused = { code: status.INVALID_ARGUMENT, details: expect.stringContaining('start a rollout') };
    await expect(client.ask(methods.repositoryModelLoad, { modelName: 'delays' })).rejects.toMatchObject(refused);
    await expect(client.ask(methods.repositoryModelUnload, { modelName: 'delays' })).rejects.toMatchObject(refused);
    await expect(client.ask(methods.traceSetting, { settings: { trace_level: { value: ['TENSORS'] } } })).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    await expect(client.ask(methods.logSettings, { settings: { log_info: { parameterChoice: { case: 'boolParam', value: false } } } })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT, details: expect.stringContaining("log setting 'log_info' can't be changed"),
    });
  });
});

describe('NOT_FOUND', () => {
  it('for a version that is not served, and a service that nobody has', async () => {
    await expect(client.ask(methods.modelReady, { name: 'delays', version: '7' })).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(client.ask(methods.modelConfig, { name: 'delays', version: '../1' })).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(client.ask(health.check, { service: 'somebody.Else' })).rejects.toMatchObject({ code: status.NOT_FOUND });
  });
});

describe('RESOURCE_EXHAUSTED', () => {
  it('for messages that are too large', async () => {
    const large = bytesOf({ modelName: 'delays', inputs: [features], rawInputContents: [new Uint8Array(8 * MIB)] });
    await expect(client.send(methods.modelInfer, large)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    await expect(client.send(methods.logSettings, Buffer.alloc(2 * MIB))).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(await client.ask(methods.serverLive, {})).toMatchObject({ live: true });
  });
});

describe('UNAUTHENTICATED', () => {
  it('without a valid token, before a message is read', async () => {
    for (const wrong of [undefined, 'Bearer wrong', 'x']) {
      const nobody = GrpcClient.of(guarded, wrong === undefined ? {} : { authorization: wrong });
      await expect(nobody.ask(methods.serverLive, {})).rejects.toMatchObject({ code: status.UNAUTHENTICATED, details: expect.stringContaining('A valid token is needed') });
      await expect(nobody.send(methods.modelInfer, Buffer.from('garbage'))).rejects.toMatchObject({ code: status.UNAUTHENTICATED });
      nobody.close();
    }
    const stream = GrpcClient.of(guarded).stream();
    let code: status | undefined;
    stream.on('data', () => undefined);
    stream.on('error', (error: { code: status }) => (code = error.code));
    await waitUntil('it is refused', () => code === status.UNAUTHENTICATED);
  });
});

describe('UNIMPLEMENTED', () => {
  it('for shared memory, and for a method that nobody has', async () => {
    const refused = { code: status.UNIMPLEMENTED, details: expect.stringContaining('not supported') };
    await expect(client.ask(methods.systemSharedMemoryRegister, { name: 'r' })).rejects.toMatchObject(refused);
    await expect(client.ask(methods.cudaSharedMemoryRegister, { name: 'r' })).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    await expect(client.send({ ...methods.serverLive, name: 'ServerAsleep' }, Buffer.alloc(0))).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });
});

describe('a connection that speaks something else', () => {
  it('is closed, and others are answered', async () => {
    const socket = connect(Number(client.client.getChannel().getTarget().split(':').at(-1)), '127.0.0.1');
    let ended = false;
    socket.resume();
    socket.on('close', () => (ended = true));
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n'.repeat(100));
    await waitUntil('it is closed', () => ended);
    expect(await client.ask(methods.modelInfer, rowRequest([1, 2]))).toMatchObject({ modelName: 'delays' });
  });
});
