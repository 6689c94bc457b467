import onnxProto, { type onnx as Onnx } from 'onnx-proto';

const { onnx } = onnxProto;

const FLOAT = onnx.TensorProto.DataType.FLOAT;

/** An ONNX model that clients can check by head: features FP32 [-1, 2] → mean FP32 [-1, 1]. */
export function meanModel(): Uint8Array {
  const valueInfo = (name: string, columns: number): Onnx.IValueInfoProto => ({
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'rows' }, { dimValue: columns }] } } },
  });
  return onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    producerName: 'cairn-clients',
    graph: {
      name: 'mean',
      node: [{ opType: 'MatMul', input: ['features', 'halves'], output: ['mean'] }],
      initializer: [{ name: 'halves', dims: [2, 1], dataType: FLOAT, floatData: [0.5, 0.5] }],
      input: [valueInfo('features', 2)],
      output: [valueInfo('mean', 1)],
    },
  }).finish();
}
