import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logistic } from '../support/onnx-model.js';
import { MODEL, startServing, type Serving } from '../support/serving.js';
import { firstFloat, GrpcClient, methods, rowRequest } from './grpc-client.js';

let serving: Serving;
let client: GrpcClient;

beforeAll(async () => {
  serving = await startServing();
  await serving.deploy();
  await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
  client = GrpcClient.of(serving);
});

afterAll(async () => {
  client.close();
  await serving.close();
});

describe('OK', () => {
  it('answers raw tensors with raw tensors, and echoes the id', async () => {
    const answer = await client.ask(methods.modelInfer, rowRequest([1, 2], { id: 'mine' }));
    expect(answer).toMatchObject({ modelName: 'delays', modelVersion: '1', id: 'mine', outputs: [{ name: 'probability', datatype: 'FP32', shape: [1n, 1n] }] });
    expect(answer.parameters['arm']?.parameterChoice).toEqual({ case: 'stringParam', value: 'live' });
    expect(firstFloat(answer)).toBeCloseTo(logistic(MODEL, [1, 2]), 6);
  });

  it('answers typed contents with raw tensors', async () => {
    const input = { name: 'features', datatype: 'FP32', shape: [2n, 2n], contents: { fp32Contents: [1, 2, 3, 4] } };
    const answer = await client.ask(methods.modelInfer, { modelName: 'delays', inputs: [input] });
    expect(answer.outputs).toMatchObject([{ shape: [2n, 1n] }]);
    expect(answer.outputs[0]?.contents).toBeUndefined();
    expect(Buffer.from(answer.rawOutputContents[0] ?? []).readFloatLE(4)).toBeCloseTo(logistic(MODEL, [3, 4]), 6);
  });

  it('takes a version, parameters of every kind, and the outputs that are wanted', async () => {
    const parameters = {
      priority: { parameterChoice: { case: 'uint64Param', value: 1n } },
      timeout: { parameterChoice: { case: 'int64Param', value: 60_000_000n } },
      sequence_id: { parameterChoice: { case: 'stringParam', value: 'a' } },
      sequence_start: { parameterChoice: { case: 'boolParam', value: true } },
      scale: { parameterChoice: { case: 'doubleParam', value: 0.5 } },
      triton_enable_empty_final_response: { parameterChoice: { case: 'boolParam', value: true } },
    } as const;
    const answer = await client.ask(methods.modelInfer, rowRequest([1, 2], { modelVersion: '1', parameters, outputs: [{ name: 'probability' }] }));
    expect(answer.parameters['arm']?.parameterChoice.value).toBe('pinned');
    expect(answer.outputs).toHaveLength(1);
  });

  it('answers an empty batch', async () => {
    const answer = await client.ask(methods.modelInfer, rowRequest([], { inputs: [{ name: 'features', datatype: 'FP32', shape: [0n, 2n] }] }));
    expect(answer.outputs).toMatchObject([{ shape: [0n, 1n] }]);
    expect(answer.rawOutputContents.map(({ length }) => length)).toEqual([0]);
  });

  it('tells what is served, live and ready', async () => {
    expect(await client.ask(methods.serverLive, {})).toMatchObject({ live: true });
    expect(await client.ask(methods.serverReady, {})).toMatchObject({ ready: true });
    expect(await client.ask(methods.modelReady, { name: 'delays', version: '1' })).toMatchObject({ ready: true });
    expect(await client.ask(methods.serverMetadata, {})).toMatchObject({ name: 'cairn' });
    expect(await client.ask(methods.modelMetadata, { name: 'delays' })).toMatchObject({
      name: 'delays', versions: ['1'], platform: 'onnxruntime_onnx',
      inputs: [{ name: 'features', datatype: 'FP32', shape: [-1n, 2n] }], outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1n, 1n] }],
    });
  });
});

describe('DEADLINE_EXCEEDED', () => {
  it('for a call whose deadline is over', async () => {
    await expect(client.ask(methods.modelInfer, rowRequest([1, 2]), { deadline: new Date(0) })).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });
});
