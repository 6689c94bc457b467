import onnxProto, { type onnx as Onnx } from 'onnx-proto';

const { onnx } = onnxProto;

export const COLUMNS = ['origin_delay', 'miles', 'destination_delay'];
const WEIGHTS = [1, 0.001, -0.5];

/** features FP32 [-1, 3] → delay FP32 [-1, 1]: what a spec can compute by itself. */
export function delayModel(): Uint8Array {
  const FLOAT = onnx.TensorProto.DataType.FLOAT;
  const valueInfo = (name: string, columns: number): Onnx.IValueInfoProto => ({
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'rows' }, { dimValue: columns }] } } },
  });
  return onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    producerName: 'cairn-test',
    graph: {
      name: 'delay',
      node: [{ opType: 'MatMul', input: ['features', 'weights'], output: ['delay'] }],
      initializer: [{ name: 'weights', dims: [3, 1], dataType: FLOAT, floatData: WEIGHTS }],
      input: [valueInfo('features', 3)],
      output: [valueInfo('delay', 1)],
    },
  }).finish();
}

/** One row and its answer, as the registry keeps them. */
export function delayGolden(): Uint8Array {
  const row = [10, 500, 4];
  const delay = row.reduce((sum, value, index) => sum + value * (WEIGHTS[index] ?? 0), 0);
  return Buffer.from(
    JSON.stringify({
      inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 3], data: row }],
      outputs: [{ name: 'delay', datatype: 'FP32', shape: [1, 1], data: [delay] }],
      tolerance: 1e-4,
    }),
  );
}
