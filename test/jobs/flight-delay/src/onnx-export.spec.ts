import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportOnnx, INPUT, OUTPUT } from './onnx-export.js';

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
const scaling = { means: Float32Array.of(1, 2), deviations: Float32Array.of(2, 4) };

async function run(model: Uint8Array, rows: number[][]): Promise<number[]> {
  const session = await InferenceSession.create(model);
  const { [OUTPUT]: output } = await session.run({ [INPUT]: new Tensor('float32', Float32Array.from(rows.flat()), [rows.length, 2]) });
  return [...(output?.data as Float32Array)];
}

describe('the exported model', () => {
  it('scales and answers a probability', async () => {
    const model = exportOnnx([{ inputs: 2, units: 1, weights: Float32Array.of(0.5, -1), biases: Float32Array.of(0.25) }], scaling);
    const [first, second] = await run(model, [[1, 2], [3, 6]]);
    expect(first).toBeCloseTo(sigmoid(0.25), 6);
    expect(second).toBeCloseTo(sigmoid(0.25 + 0.5 - 1), 6);
  });

  it('has hidden layers', async () => {
    const hidden = { inputs: 2, units: 2, weights: Float32Array.of(1, -1, 0, 0), biases: Float32Array.of(0, 0) };
    const last = { inputs: 2, units: 1, weights: Float32Array.of(2, 3), biases: Float32Array.of(0) };
    const [up, down] = await run(exportOnnx([hidden, last], scaling), [[3, 2], [-1, 2]]);
    expect(up).toBeCloseTo(sigmoid(2), 6);
    expect(down).toBeCloseTo(sigmoid(3), 6);
  });
});
