import { onnx } from 'onnx-proto';

const { DataType } = onnx.TensorProto;
const { FLOAT, INT64 } = DataType;

/** What ONNX calls the datatypes of the protocol. */
const ONNX_TYPES: Readonly<Record<string, number>> = { ...DataType, FP16: DataType.FLOAT16, FP32: FLOAT, FP64: DataType.DOUBLE, BYTES: DataType.STRING };

export interface LogisticModel {
  readonly weights: readonly number[];
  readonly bias: number;
}

/** `probability` = 1 / (1 + exp(−(features · weights + bias))): features FP32 [-1, n], probability FP32 [-1, 1]. */
export function logisticOnnx({ weights, bias }: LogisticModel): Buffer {
  return encode({
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
  });
}

export function logistic({ weights, bias }: LogisticModel, row: readonly number[]): number {
  const logit = weights.reduce((sum, weight, index) => sum + weight * (row[index] ?? 0), bias);
  return 1 / (1 + Math.exp(-logit));
}

function encode(graph: onnx.IGraphProto): Buffer {
  const model = onnx.ModelProto.create({ irVersion: 8, opsetImport: [{ domain: '', version: 17 }], producerName: 'cairn-test', graph });
  return Buffer.from(onnx.ModelProto.encode(model).finish());
}

function valueInfo(name: string, columns: number): onnx.IValueInfoProto {
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'rows' }, { dimValue: columns }] } } } };
}

/** `total` = the sum over all rows, for every row: features FP32 [-1, n], total FP32 [-1, n]. Whoever shares a run with another gets another answer. */
export function mixingOnnx(columns: number): Buffer {
  return encode({
    name: 'mixing',
    node: [
      { opType: 'ReduceSum', input: ['features', 'axes'], output: ['sum'] },
      { opType: 'Mul', input: ['features', 'nothing'], output: ['zeros'] },
      { opType: 'Add', input: ['zeros', 'sum'], output: ['total'] },
    ],
    initializer: [
      { name: 'axes', dims: [1], dataType: INT64, int64Data: [0] },
      { name: 'nothing', dims: [1], dataType: FLOAT, floatData: [0] },
    ],
    input: [valueInfo('features', columns)],
    output: [valueInfo('total', columns)],
  });
}

/** `value` = table[index]: index INT64 [-1], value FP32 [-1]. An index outside the table fails the whole run. */
export function lookUpOnnx(table: readonly number[]): Buffer {
  const rows = (name: string, elemType: number) => ({ name, type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'rows' }] } } } });
  return encode({
    name: 'look-up',
    node: [{ opType: 'Gather', input: ['table', 'index'], output: ['value'] }],
    initializer: [{ name: 'table', dims: [table.length], dataType: FLOAT, floatData: [...table] }],
    input: [rows('index', INT64)],
    output: [rows('value', FLOAT)],
  });
}

export interface IdentityTensor {
  readonly name: string;
  readonly datatype: string;
  /** -1 stands for any length. */
  readonly shape: readonly number[];
}

/** `<name>_out` = `<name>` for each tensor. */
export function identityOnnx(tensors: readonly IdentityTensor[]): Buffer {
  const info = (name: string, { datatype, shape }: IdentityTensor): onnx.IValueInfoProto => {
    const dim = shape.map((length, index) => (length === -1 ? { dimParam: `d${index}` } : { dimValue: length }));
    return { name, type: { tensorType: { elemType: ONNX_TYPES[datatype] ?? 0, shape: { dim } } } };
  };
  return encode({
    name: 'identity',
    node: tensors.map(({ name }) => ({ opType: 'Identity', input: [name], output: [`${name}_out`] })),
    input: tensors.map((tensor) => info(tensor.name, tensor)),
    output: tensors.map((tensor) => info(`${tensor.name}_out`, tensor)),
  });
}

/**
 * As `mixingOnnx` for two columns, but a run takes tens of milliseconds, whatever its rows: matrices of zeros are multiplied on the way. Since it mixes rows, every request
 * runs alone.
 */
export function slowOnnx(): Buffer {
  const side = 768;
  const products = ['p0', 'p1', 'p2', 'p3', 'p4'];
  return encode({
    name: 'slow',
    node: [
      { opType: 'ReduceSum', input: ['features', 'axis'], output: ['sum'] },
      { opType: 'ReduceSum', input: ['features', 'axes'], output: ['all'] },
      { opType: 'Mul', input: ['matrix', 'all'], output: ['p0'] },
      ...products.slice(1).map((product, index) => ({ opType: 'MatMul', input: [products[index] ?? '', 'matrix'], output: [product] })),
      { opType: 'ReduceSum', input: [products.at(-1) ?? '', 'axes'], output: ['zero'] },
      { opType: 'Mul', input: ['features', 'zero'], output: ['zeros'] },
      { opType: 'Add', input: ['zeros', 'sum'], output: ['total'] },
    ],
    initializer: [
      { name: 'axis', dims: [1], dataType: INT64, int64Data: [0] },
      { name: 'axes', dims: [2], dataType: INT64, int64Data: [0, 1] },
      { name: 'matrix', dims: [side, side], dataType: FLOAT, rawData: new Uint8Array(4 * side * side) },
    ],
    input: [valueInfo('features', 2)],
    output: [valueInfo('total', 2)],
  });
}
