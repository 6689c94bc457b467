import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityOnnx } from '../../test/support/onnx-model.js';
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
});
