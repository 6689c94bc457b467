import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityOnnx } from '../../test/support/onnx-model.js';
import { ReplicaError, type Replica, type ReplicaErrorCode } from '../replica/replica.js';
import { WorkerReplica } from '../replica/worker/worker-replica.js';
import type { Tensor } from '../tensor/tensor.js';
import { provesSharedRuns } from './shared-runs.js';

const replica = new WorkerReplica();
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cairn-shared-'));
});

afterAll(async () => {
  await replica.close();
  await rm(directory, { recursive: true });
});

describe('provesSharedRuns', () => {
  const texts: Tensor = { name: 'x', datatype: 'BYTES', shape: [2, 2], data: ['a', '', 'grüße', 'c'] };
  const halves: Tensor = { name: 'x', datatype: 'FP16', shape: [1, 2], data: new Uint16Array([0x3c00, 0xc000]) };

  it.each([texts, halves])('asks models of texts and of halves too: $datatype', async (golden) => {
    const path = join(directory, `${golden.datatype}.onnx`);
    await writeFile(path, identityOnnx([{ ...golden, shape: [-1, 2] }]));
    await replica.load(golden.datatype, path);
    expect(await provesSharedRuns(replica, golden.datatype, [golden])).toBe(true);
  });

  const rows = (width: number): Tensor => ({ name: 'x', datatype: 'FP32', shape: [1, width], data: new Float32Array(width) });

  it('does not ask models with large rows, and gives up on slow ones', async () => {
    let asked = 0;
    const slow: Pick<Replica, 'infer'> = { infer: async (_version, outputs) => ((asked += 1), { outputs, runMs: 50 }) };
    expect(await provesSharedRuns(slow, 'v', [rows(300_000)])).toBe(false);
    expect(asked).toBe(0);
    expect(await provesSharedRuns(slow, 'v', [rows(2)])).toBe(false);
    expect(asked).toBeLessThan(10);
  });

  it('takes what a model fails on for its answer, and a loss for none', async () => {
    const failing = (code: ReplicaErrorCode): Pick<Replica, 'infer'> => ({ infer: () => Promise.reject(new ReplicaError(code, code)) });
    expect(await provesSharedRuns(failing('RUN_FAILED'), 'v', [rows(2)])).toBe(false);
    for (const code of ['LOST', 'QUEUE_FULL'] as const) await expect(provesSharedRuns(failing(code), 'v', [rows(2)])).rejects.toMatchObject({ code });
  });
});
