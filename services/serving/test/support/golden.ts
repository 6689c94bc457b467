import { logistic, type LogisticModel } from './onnx-model.js';

/** Golden request and answer of a logistic model, as the registry stores them. */
export function goldenOf(model: LogisticModel, rows: readonly (readonly number[])[], tolerance = 1e-5): Buffer {
  const columns = model.weights.length;
  return Buffer.from(
    JSON.stringify({
      inputs: [{ name: 'features', datatype: 'FP32', shape: [rows.length, columns], data: rows.flat() }],
      outputs: [{ name: 'probability', datatype: 'FP32', shape: [rows.length, 1], data: rows.map((row) => logistic(model, row)) }],
      tolerance,
    }),
  );
}
