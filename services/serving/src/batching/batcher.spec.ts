import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logisticOnnx, lookUpOnnx, mixingOnnx } from '../../test/support/onnx-model.js';
import { WatchedReplica } from '../../test/support/watched-replica.js';
import type { InferenceResult } from '../replica/replica.js';
import { WorkerReplica } from '../replica/worker/worker-replica.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BatchLimits, BatchRequest } from './batch-request.js';
import { Batcher } from './batcher.js';
import { provesSharedRuns } from './shared-runs.js';

const LIMITS: BatchLimits = { maxRows: 64, maxQueued: 256, delayMs: 0, preferredRows: [] };
const features = (...rows: number[][]): Tensor => ({ name: 'features', datatype: 'FP32', shape: [rows.length, 3], data: new Float32Array(rows.flat()) });
const request = (...rows: number[][]): BatchRequest => ({ versionId: 'logistic', inputs: [features(...rows)], rows: rows.length });

describe('Batcher', () => {
  let directory: string;
  let worker: WorkerReplica;
  let replica: WatchedReplica;
  const sharing = new Set(['logistic', 'look-up']);
  const batcherWith = (limits: Partial<BatchLimits> = {}) =>
    new Batcher(() => ({ ...LIMITS, ...limits }), { ready: (versionId) => (versionId === 'absent' ? [] : [replica]), sharesRuns: (versionId) => sharing.has(versionId) });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cairn-batcher-'));
    worker = new WorkerReplica({ maxPending: 512 });
    const models = { logistic: logisticOnnx({ weights: [0.5, -1, 0.125], bias: 0.25 }), mixing: mixingOnnx(3), 'look-up': lookUpOnnx([10, 20, 30]) };
    for (const [name, onnx] of Object.entries(models)) {
      const path = join(directory, `${name}.onnx`);
      await writeFile(path, onnx);
      await worker.load(name, path);
    }
  });

  beforeEach(() => {
    replica = new WatchedReplica(worker);
  });

  afterAll(async () => {
    await worker.close();
    await rm(directory, { recursive: true });
  });

  it('answers every request as it would be answered alone, bit for bit, whatever shares its run', async () => {
    const batcher = batcherWith();
    const row = fc.array(fc.float({ noNaN: true }), { minLength: 3, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(row, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 12 }), async (requests) => {
        const alone = await Promise.all(requests.map((rows) => worker.infer('logistic', [features(...rows)])));
        const batched = await Promise.all(requests.map((rows) => batcher.run(request(...rows))));
        expect(batched.map(({ outputs }) => outputs)).toEqual(alone.map(({ outputs }) => outputs));
      }),
      { numRuns: 50 },
    );
  });

  it('puts what comes at once into one run, and what waits while it runs into the next, in order', async () => {
    const some = batcherWith();
    replica.hold();
    const first = [some.run(request([1, 0, 0])), some.run(request([2, 0, 0], [3, 0, 0]))];
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const second = [some.run(request([4, 0, 0])), some.run(request([5, 0, 0]))];
    replica.release();
    expect((await Promise.all(first)).map(({ batchRows }) => batchRows)).toEqual([3, 3]);
    expect((await Promise.all(second)).map(({ batchRows }) => batchRows)).toEqual([2, 2]);
    expect(replica.runs.map(({ rows }) => rows)).toEqual([3, 2]);
  });

  it('never has more rows in a run than the limit, and cuts no request', async () => {
    const rows = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 6, max: 9 }), async (sizes, maxRows) => {
        replica = new WatchedReplica(worker);
        const some = batcherWith({ maxRows });
        await Promise.all(sizes.map((size) => some.run(request(...Array.from({ length: size }, () => [1, 2, 3])))));
        expect(Math.max(...replica.runs.map((run) => run.rows))).toBeLessThanOrEqual(maxRows);
        expect(replica.runs.reduce((sum, run) => sum + run.rows, 0)).toBe(sizes.reduce((sum, size) => sum + size, 0));
      }),
      { numRuns: 30 },
    );
  });

  it('puts nothing unequal into one run: other versions, other shapes, and versions that did not prove that they may', async () => {
    const some = batcherWith();
    const twoWide: Tensor = { name: 'features', datatype: 'FP32', shape: [1, 2], data: new Float32Array(2) };
    const outcomes = await Promise.allSettled([
      some.run(request([1, 2, 3])),
      some.run({ versionId: 'mixing', inputs: [features([1, 2, 3])], rows: 1 }),
      some.run({ versionId: 'logistic', inputs: [twoWide], rows: 1 }),
      some.run({ versionId: 'mixing', inputs: [features([4, 5, 6])], rows: 1 }),
      some.run(request([1, 2, 3])),
    ]);
    expect(replica.runs.map(({ versionId, rows }) => `${versionId} ${rows}`).sort()).toEqual(['logistic 1', 'logistic 2', 'mixing 1', 'mixing 1']);
    const value = (index: number) => (outcomes[index] as PromiseFulfilledResult<InferenceResult>).value.outputs[0]?.data;
    expect([value(1), value(3)]).toEqual([new Float32Array([1, 2, 3]), new Float32Array([4, 5, 6])]);
    expect(outcomes[2]).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_INPUT' } });
  });

  it('fails a poisoned request alone', async () => {
    const some = batcherWith();
    const lookUp = (...index: number[]): BatchRequest => ({
      versionId: 'look-up', rows: index.length, inputs: [{ name: 'index', datatype: 'INT64', shape: [index.length], data: BigInt64Array.from(index, BigInt) }],
    });
    const outcomes = await Promise.allSettled([some.run(lookUp(0, 1)), some.run(lookUp(7)), some.run(lookUp(2))]);
    expect(outcomes[0]).toMatchObject({ status: 'fulfilled', value: { outputs: [{ name: 'value', shape: [2], data: new Float32Array([10, 20]) }] } });
    expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { code: 'RUN_FAILED' } });
    expect(outcomes[2]).toMatchObject({ status: 'fulfilled', value: { outputs: [{ name: 'value', shape: [1], data: new Float32Array([30]) }] } });
  });

  it('frees the place of what is cancelled or waits too long, and runs neither', async () => {
    const some = batcherWith({ maxQueued: 3 });
    replica.hold();
    const running = some.run(request([1, 2, 3]));
    await new Promise(setImmediate);
    const caller = new AbortController();
    const cancelled = some.run({ ...request([1, 2, 3]), signal: caller.signal });
    const late = some.run({ ...request([1, 2, 3]), timeoutMs: 1 });
    const patient = some.run({ ...request([1, 2, 3]), timeoutMs: 600_000 });
    await expect(some.run(request([1, 2, 3]))).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    caller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(late).rejects.toMatchObject({ code: 'TIMED_OUT' });
    const others = [some.run(request([1, 2, 3])), some.run(request([1, 2, 3]))];
    replica.release();
    await Promise.all([running, patient, ...others]);
    expect(replica.runs.map(({ rows }) => rows)).toEqual([1, 3]);
    await expect(some.run({ ...request([1, 2, 3]), signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(some.queued).toBe(0);
  });

  it('takes the urgent first', async () => {
    const some = batcherWith({ maxRows: 1 });
    const order: string[] = [];
    const run = (name: string, priority: number) => some.run({ ...request([1, 2, 3]), priority }).then(() => order.push(name));
    await Promise.all([run('later', 3), run('first', 1), run('last', Infinity), run('second', 1), run('middle', 2)]);
    expect(order).toEqual(['first', 'second', 'middle', 'later', 'last']);
  });

  it('waits for others only as long as it may, and not when it has what it prefers', async () => {
    const patient = batcherWith({ delayMs: 600_000, preferredRows: [2, 4] });
    const pair = [patient.run(request([1, 2, 3])), patient.run(request([4, 5, 6]))];
    expect((await Promise.all(pair)).map(({ batchRows }) => batchRows)).toEqual([2, 2]);
    const [one, ...others] = Array.from({ length: 5 }, () => patient.run(request([1, 2, 3])));
    expect((await one)?.batchRows).toBe(4);
    await expect(Promise.race([others[3], Promise.resolve('waits')])).resolves.toBe('waits');
    const last = [others[3], patient.run(request([1, 2, 3]))];
    await Promise.all([...last, ...others]);
    expect((await batcherWith({ delayMs: 5 }).run(request([1, 2, 3]))).batchRows).toBe(1);
  });

  it('says at once that nobody is ready, and fails what waits when the last replica is lost', async () => {
    await expect(batcherWith().run({ ...request([1, 2, 3]), versionId: 'absent' })).rejects.toMatchObject({ code: 'NOT_READY' });
    const mortal = new WorkerReplica();
    const path = join(directory, 'logistic.onnx');
    await mortal.load('logistic', path);
    const watched = new WatchedReplica(mortal);
    let isReady = true;
    void mortal.lost.then(() => (isReady = false));
    const some = new Batcher(() => LIMITS, { ready: () => (isReady ? [watched] : []), sharesRuns: () => true });
    watched.hold();
    const running = some.run(request([1, 2, 3]));
    await new Promise(setImmediate);
    const waiting = some.run(request([1, 2, 3]));
    await mortal.close();
    watched.release();
    await expect(running).rejects.toMatchObject({ code: 'LOST' });
    await expect(waiting).rejects.toMatchObject({ code: 'NOT_READY' });
  });

  it('says when nobody waits for a version any more', async () => {
    const some = batcherWith();
    await some.drained('logistic');
    replica.hold();
    const answers = [some.run(request([1, 2, 3])), some.run(request([4, 5, 6]))];
    let isDrained = false;
    const drained = some.drained('logistic').then(() => (isDrained = true));
    await some.drained('mixing');
    await new Promise(setImmediate);
    expect(isDrained).toBe(false);
    replica.release();
    await Promise.all(answers);
    await drained;
    const caller = new AbortController();
    replica.hold();
    const running = some.run(request([1, 2, 3]));
    await new Promise(setImmediate);
    const given = some.run({ ...request([1, 2, 3]), signal: caller.signal });
    const last = some.drained('logistic');
    caller.abort();
    await expect(given).rejects.toMatchObject({ code: 'CANCELLED' });
    replica.release();
    await Promise.all([running, last]);
  });

  it('finds out which models may share runs', async () => {
    expect(await provesSharedRuns(worker, 'logistic', [features([1, 2, 3], [4, 5, 6])])).toBe(true);
    expect(await provesSharedRuns(worker, 'mixing', [features([1, 2, 3])])).toBe(false);
    expect(await provesSharedRuns(worker, 'look-up', [{ name: 'index', datatype: 'INT64', shape: [1], data: new BigInt64Array([2n]) }])).toBe(true);
    expect(await provesSharedRuns(worker, 'look-up', [{ name: 'index', datatype: 'INT64', shape: [1], data: new BigInt64Array([7n]) }])).toBe(false);
    expect(await provesSharedRuns(worker, 'logistic', [features()])).toBe(false);
  });
});
