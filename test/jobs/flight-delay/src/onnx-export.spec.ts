import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportDifference, forward } from './forward.js';
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

  it('answers as the network does', async () => {
    const layers = [
      { inputs: 2, units: 3, weights: Float32Array.of(1, -1, 0.5, 0.25, 2, -3), biases: Float32Array.of(0, 0.5, -0.25) },
      { inputs: 3, units: 1, weights: Float32Array.of(1.5, -0.5, 0.75), biases: Float32Array.of(-1) },
    ];
    const rows = [[1, 2], [-30, 4], [0.5, 1e3]];
    const answers = await run(exportOnnx(layers, scaling), rows);
    rows.forEach((row, index) => expect(answers[index]).toBeCloseTo(forward(layers, scaling, row), 5));
    const dataset = { columns: ['a', 'b'], rows: 3, features: Float32Array.from(rows.flat()), labels: new Float32Array(3) };
    expect(exportDifference(layers, scaling, dataset, answers, 3)).toBeLessThan(1e-6);
    expect(exportDifference(layers, scaling, dataset, [answers[0]!, NaN, answers[2]!], 3)).toBe(Infinity);
  });
});
