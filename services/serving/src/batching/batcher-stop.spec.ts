import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logisticOnnx, lookUpOnnx, mixingOnnx } from '../../test/support/onnx-model.js';
import { WatchedReplica } from '../../test/support/watched-replica.js';
import { WorkerReplica } from '../replica/worker/worker-replica.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BatchRequest } from './batch-request.js';
import { Batcher } from './batcher.js';

const features = (...values: number[]): Tensor => ({ name: 'features', datatype: 'FP32', shape: [values.length / 2, 2], data: new Float32Array(values) });
const request = (versionId: string, ...values: number[]): BatchRequest => ({ versionId, inputs: [features(...values)], rows: values.length / 2 });
const lookUp = (index: bigint): BatchRequest => ({ versionId: 'look-up', rows: 1, inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: new BigInt64Array([index]) }] });
const withdrawn = (inputs: readonly Tensor[]) => ({ status: 'rejected', reason: { code: 'WITHDRAWN', inputs } });
const turn = () => new Promise(setImmediate);

describe('a version is stopped', () => {
  let directory: string;
  let worker: WorkerReplica;
  let replica: WatchedReplica;
  let batcher: Batcher;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cairn-stop-'));
    worker = new WorkerReplica({ maxPending: 64 });
    const models = { logistic: logisticOnnx({ weights: [0.5, -1], bias: 0.25 }), mixing: mixingOnnx(2), other: mixingOnnx(2), 'look-up': lookUpOnnx([10, 20, 30]) };
    for (const [name, onnx] of Object.entries(models)) {
      const path = join(directory, `${name}.onnx`);
      await writeFile(path, onnx);
      await worker.load(name, path);
    }
  });

  beforeEach(() => {
    replica = new WatchedReplica(worker);
    batcher = new Batcher(() => ({ maxRows: 64, maxQueued: 64, delayMs: 0, preferredRows: [] }), {
      ready: () => [replica],
      sharesRuns: (versionId) => versionId === 'logistic' || versionId === 'look-up',
    });
  });

  afterAll(async () => {
    await worker.close();
    await rm(directory, { recursive: true });
  });

  it('what waits for a run is given back at once, and what runs is answered', async () => {
    replica.hold();
    const running = batcher.run(request('logistic', 1, 2));
    await turn();
    const waiting = Promise.allSettled([batcher.run(request('logistic', 3, 4)), batcher.run(request('logistic', 5, 6, 7, 8))]);
    batcher.stop(['logistic']);
    expect(await waiting).toMatchObject([withdrawn([features(3, 4)]), withdrawn([features(5, 6, 7, 8)])]);
    expect(batcher.queued).toBe(0);
    await expect(batcher.run(request('logistic', 1, 2))).rejects.toMatchObject({ code: 'WITHDRAWN', inputs: [features(1, 2)] });
    replica.release();
    await expect(running).resolves.toMatchObject({ batchRows: 1 });
    expect(replica.runs).toHaveLength(1);
    await batcher.drained('logistic');
  });

  it('what waits at a replica is given back too, and other versions run on', async () => {
    // What proves a version is not taken back: it keeps the thread busy until the others have come.
    const proof = worker.infer('logistic', [{ name: 'features', datatype: 'FP32', shape: [2 ** 22, 2], data: new Float32Array(2 ** 23) }]);
    const stopped = Promise.allSettled([batcher.run(request('mixing', 1, 2)), batcher.run(request('mixing', 3, 4))]);
    const other = batcher.run(request('other', 5, 6));
    await turn();
    expect(replica.runs).toHaveLength(3);
    batcher.stop(['mixing']);
    expect(await stopped).toMatchObject([withdrawn([features(1, 2)]), withdrawn([features(3, 4)])]);
    await expect(other).resolves.toMatchObject({ outputs: [{ name: 'total', data: new Float32Array([5, 6]) }] });
    await proof;
  });

  it('a run that failed for one of its requests is not begun again for the others', async () => {
    replica.hold();
    const shared = Promise.allSettled([batcher.run(lookUp(1n)), batcher.run(lookUp(7n))]);
    await turn();
    expect(replica.runs).toMatchObject([{ rows: 2 }]);
    replica.release();
    // The run is on its way to the replica when its version is stopped, whether or not the replica has begun it.
    batcher.stop(['look-up']);
    expect(await shared).toMatchObject([withdrawn(lookUp(1n).inputs), withdrawn(lookUp(7n).inputs)]);
    expect(replica.runs).toHaveLength(1);
  });

  it('and may begin again', async () => {
    batcher.stop(['logistic', 'mixing']);
    batcher.stop(['mixing']);
    await expect(batcher.run(request('logistic', 1, 2))).resolves.toBeDefined();
    batcher.stop([]);
    await expect(batcher.run(request('mixing', 1, 2))).resolves.toBeDefined();
  });
});
