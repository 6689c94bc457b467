import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityOnnx, logistic, logisticOnnx } from '../../../test/support/onnx-model.js';
import type { Tensor } from '../../tensor/tensor.js';
import { WorkerReplica } from './worker-replica.js';

const model = { weights: [0.5, -1], bias: 0.25 };
const features = (...rows: number[][]): Tensor => ({ name: 'features', datatype: 'FP32', shape: [rows.length, 2], data: new Float32Array(rows.flat()) });

/** Long enough that the last of four is still waiting when the replica ends. */
const manyRows = (rows = 2 ** 18): Tensor => ({ name: 'features', datatype: 'FP32', shape: [rows, 2], data: new Float32Array(2 * rows) });

const pair = (datatype: Tensor['datatype'], data: Tensor['data']): Tensor => ({ name: 'pair', datatype, shape: [1, 2], data });
const EVERY_KIND: readonly Tensor[] = [
  pair('BOOL', new Uint8Array([1, 0])),
  pair('UINT8', new Uint8Array([255, 0])),
  pair('UINT16', new Uint16Array([65535, 1])),
  pair('UINT32', new Uint32Array([4294967295, 1])),
  pair('UINT64', new BigUint64Array([18446744073709551615n, 1n])),
  pair('INT8', new Int8Array([-128, 127])),
  pair('INT16', new Int16Array([-32768, 1])),
  pair('INT32', new Int32Array([-2147483648, 1])),
  pair('INT64', new BigInt64Array([-9223372036854775808n, 1n])),
  pair('FP16', new Uint16Array([0x7e00, 0x0001])),
  pair('FP32', new Float32Array([Number.NaN, -0])),
  pair('FP64', new Float64Array([Infinity, 5e-324])),
  pair('BYTES', ['\ufeffgrüße 😀', '']),
];

describe('WorkerReplica', () => {
  let directory: string;
  let path: string;
  let replica: WorkerReplica;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cairn-replica-'));
    path = join(directory, 'model.onnx');
    await writeFile(path, logisticOnnx(model));
    replica = new WorkerReplica({ maxPending: 4 });
  });

  afterEach(async () => {
    await replica.close();
    await rm(directory, { recursive: true });
  });

  it('says the digest of the bytes that it loaded', async () => {
    expect(await replica.load('v1', path)).toEqual({ digest: `sha256:${createHash('sha256').update(logisticOnnx(model)).digest('hex')}` });
  });

  it('makes no model of a file with another digest', async () => {
    await expect(replica.load('v1', path, 'sha256:aa')).rejects.toMatchObject({ code: 'LOAD_FAILED', message: expect.stringContaining('instead of sha256:aa') });
    await expect(replica.infer('v1', [features([1, 2])])).rejects.toMatchObject({ code: 'NOT_LOADED' });
  });

  it('answers what the model computes', async () => {
    await replica.load('v1', path);
    const { outputs, runMs } = await replica.infer('v1', [features([1, 2], [3, 4])]);
    expect(outputs).toHaveLength(1);
    expect(outputs[0]).toMatchObject({ name: 'probability', datatype: 'FP32', shape: [2, 1] });
    expect(outputs[0]?.data[0]).toBeCloseTo(logistic(model, [1, 2]), 6);
    expect(outputs[0]?.data[1]).toBeCloseTo(logistic(model, [3, 4]), 6);
    expect(runMs).toBeGreaterThan(0);
  });

  it('holds versions side by side', async () => {
    const other = join(directory, 'other.onnx');
    await writeFile(other, logisticOnnx({ weights: [0, 0], bias: 0 }));
    await replica.load('v1', path);
    await replica.load('v2', other);
    const [one, two] = await Promise.all([replica.infer('v1', [features([1, 2])]), replica.infer('v2', [features([1, 2])])]);
    expect(one.outputs[0]?.data[0]).toBeCloseTo(logistic(model, [1, 2]), 6);
    expect(two.outputs[0]?.data[0]).toBeCloseTo(0.5, 6);
    await replica.unload('v1');
    await expect(replica.infer('v1', [features([1, 2])])).rejects.toMatchObject({ code: 'NOT_LOADED' });
    await expect(replica.infer('v2', [features([1, 2])])).resolves.toBeDefined();
  });

  it('says whose fault a failure is', async () => {
    const text = join(directory, 'text.onnx');
    await writeFile(text, 'no model');
    await expect(replica.load('v1', text)).rejects.toMatchObject({ code: 'LOAD_FAILED' });
    await expect(replica.load('v1', join(directory, 'absent'))).rejects.toMatchObject({ code: 'LOAD_FAILED' });
    await replica.load('v1', path);
    const wide: Tensor = { name: 'features', datatype: 'FP32', shape: [1, 3], data: new Float32Array(3) };
    await expect(replica.infer('v1', [wide])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(replica.infer('v1', [{ ...features([1, 2]), name: 'x' }])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const doubles: Tensor = { name: 'features', datatype: 'FP64', shape: [1, 2], data: new Float64Array(2) };
    await expect(replica.infer('v1', [doubles])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each(EVERY_KIND.map((tensor) => [tensor.datatype, tensor] as const))('gives %s back as it was, of any rank and without elements too', async (datatype, tensor) => {
    const scalar = { ...tensor, name: 'scalar', shape: [], data: tensor.data.slice(0, 1) };
    const empty = { ...tensor, name: 'empty', shape: [0, 2], data: tensor.data.slice(0, 0) };
    const inputs: Tensor[] = [tensor, scalar, empty];
    await writeFile(path, identityOnnx(inputs));
    await replica.load('v1', path);
    const copies = inputs.map((input) => ({ ...input, name: `${input.name}_out`, data: input.data.slice() }));
    const { outputs } = await replica.infer('v1', inputs);
    expect(outputs).toEqual(copies);
    expect(outputs.map((output) => output.datatype)).toEqual([datatype, datatype, datatype]);
  });

  it('takes no more than it may hold', async () => {
    await replica.load('v1', path);
    const sent = Array.from({ length: 4 }, () => replica.infer('v1', [features([1, 2])]));
    await expect(replica.infer('v1', [features([1, 2])])).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    await Promise.all(sent);
    await expect(replica.infer('v1', [features([1, 2])])).resolves.toBeDefined();
  });

  it('fails what waits when it is lost, and everything after', async () => {
    await replica.load('v1', path);
    const batches = Array.from({ length: 4 }, () => replica.infer('v1', [manyRows()]));
    const settled = Promise.allSettled(batches);
    await replica.close();
    expect((await settled).at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'LOST' } });
    expect(replica.pending).toBe(0);
    await expect(replica.infer('v1', [features([1, 2])])).rejects.toMatchObject({ code: 'LOST' });
    await expect(replica.lost).resolves.toMatchObject({ code: 'LOST' });
  });

  it('begins nothing of a version that is withdrawn, and gives its inputs back', async () => {
    await replica.load('v1', path);
    await replica.load('v2', path);
    const proof = replica.infer('v1', [manyRows(2 ** 22)]);
    const waiting = replica.infer('v1', [features([1, 2])], { withdrawable: true });
    const other = replica.infer('v2', [features([5, 6])], { withdrawable: true });
    replica.withdraw(['v1']);
    await expect(waiting).rejects.toMatchObject({ code: 'WITHDRAWN', inputs: [features([1, 2])] });
    // What proves a version goes on, and so do other versions.
    await expect(proof).resolves.toBeDefined();
    await expect(other).resolves.toBeDefined();
    // Those that come later take the places of those that were withdrawn.
    await Promise.all(Array.from({ length: 4 }, () => replica.infer('v1', [features([1, 2])], { withdrawable: true })));
  });

  it('answers an empty batch', async () => {
    await replica.load('v1', path);
    const { outputs } = await replica.infer('v1', [{ name: 'features', datatype: 'FP32', shape: [0, 2], data: new Float32Array(0) }]);
    expect(outputs[0]?.shape).toEqual([0, 1]);
  });
});
