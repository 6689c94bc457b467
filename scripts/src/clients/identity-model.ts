import onnxProto, { type onnx as Onnx } from 'onnx-proto';

const { onnx } = onnxProto;
const { DataType } = onnx.TensorProto;

/** Datatypes of the Open Inference Protocol and what ONNX calls them, in groups that a signature can hold. */
const groups: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  unsigned: { BOOL: DataType.BOOL, UINT8: DataType.UINT8, UINT16: DataType.UINT16, UINT32: DataType.UINT32, UINT64: DataType.UINT64 },
  signed: { INT8: DataType.INT8, INT16: DataType.INT16, INT32: DataType.INT32, INT64: DataType.INT64 },
  other: { FP16: DataType.FLOAT16, FP32: DataType.FLOAT, FP64: DataType.DOUBLE, BYTES: DataType.STRING },
};

/** For each group a model that gives back what it is given: `FP32` [-1, 2] → `FP32_out` [-1, 2], and so on. */
export function identityModels(): readonly (readonly [group: string, onnx: Uint8Array])[] {
  return Object.entries(groups).map(([group, datatypes]) => [group, identityModel(datatypes)]);
}

function identityModel(datatypes: Readonly<Record<string, number>>): Uint8Array {
  const names = Object.keys(datatypes);
  const valueInfo = (name: string, elemType = 0): Onnx.IValueInfoProto => ({ name, type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'rows' }, { dimValue: 2 }] } } } });
  return onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 17 }],
    producerName: 'cairn-clients',
    graph: {
      name: 'identity',
      node: names.map((name) => ({ opType: 'Identity', input: [name], output: [`${name}_out`] })),
      input: names.map((name) => valueInfo(name, datatypes[name])),
      output: names.map((name) => valueInfo(`${name}_out`, datatypes[name])),
    },
  }).finish();
}
