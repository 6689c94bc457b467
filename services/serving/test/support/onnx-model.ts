import { onnx } from 'onnx-proto';

const FLOAT = onnx.TensorProto.DataType.FLOAT;

export interface LogisticModel {
  readonly weights: readonly number[];
  readonly bias: number;
}

/** `probability` = 1 / (1 + exp(−(features · weights + bias))): features FP32 [-1, n], probability FP32 [-1, 1]. */
export function logisticOnnx({ weights, bias }: LogisticModel): Buffer {
  const model = onnx.ModelProto.create({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    producerName: 'cairn-test',
    graph: {
      name: 'logistic',
      node: [
        { opType: 'Gemm', input: ['features', 'weights', 'bias'], output: ['logit'] },
        { opType: 'Sigmoid', input: ['logit'], output: ['probability'] },
      ],
      initializer: [
        { name: 'weights', dims: [weights.length, 1], dataType: FLOAT, floatData: [...weights] },
        { name: 'bias', dims: [1], dataType: FLOAT, floatData: [bias] },
      ],
      input: [valueInfo('features', weights.length)],
      output: [valueInfo('probability', 1)],
    },
  });
  return Buffer.from(onnx.ModelProto.encode(model).finish());
}

export function logistic({ weights, bias }: LogisticModel, row: readonly number[]): number {
  const logit = weights.reduce((sum, weight, index) => sum + weight * (row[index] ?? 0), bias);
  return 1 / (1 + Math.exp(-logit));
}

function valueInfo(name: string, columns: number): onnx.IValueInfoProto {
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'rows' }, { dimValue: columns }] } } } };
}
