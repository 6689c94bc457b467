import { onnx } from 'onnx-proto';
import { bytesOf, bytesOfTexts, type CaseTensor, type Element } from './elements.js';

const { DataType } = onnx.TensorProto;

/** What the protocol calls the element types of ONNX (onnx.proto, TensorProto.DataType). What has no name in it keeps the one that ONNX has. */
const NAMES: Readonly<Record<string, string>> = { FLOAT: 'FP32', DOUBLE: 'FP64', FLOAT16: 'FP16', BFLOAT16: 'BF16', STRING: 'BYTES' };

export function datatypeOf(elementType: number): string {
  const name = DataType[elementType] ?? String(elementType);
  return NAMES[name] ?? name;
}

/** A tensor as a file of a case holds it, raw or in the typed field of its elements (onnx.proto, TensorProto: which field holds which type). */
export function readTensorProto(file: Uint8Array, name: string): CaseTensor {
  const proto = onnx.TensorProto.decode(file);
  const datatype = datatypeOf(proto.dataType);
  const shape = proto.dims.map(Number);
  const known = { name, datatype, shape };
  if (datatype === 'BYTES') return { ...known, bytes: bytesOfTexts(proto.stringData) };
  if (proto.rawData.length > 0) return { ...known, bytes: Buffer.from(proto.rawData) };
  return { ...known, bytes: bytesOf(datatype, typedElements(proto, datatype)) };
}

function typedElements(proto: onnx.TensorProto, datatype: string): Element[] {
  const whole = (values: readonly unknown[]): bigint[] => values.map((value) => BigInt(String(value)));
  switch (datatype) {
    case 'FP32':
      return proto.floatData;
    case 'FP64':
      return proto.doubleData;
    case 'INT64':
      return whole(proto.int64Data);
    case 'UINT64':
      return whole(proto.uint64Data);
    case 'UINT32':
      return whole(proto.uint64Data).map(Number);
    default:
      return proto.int32Data;
  }
}
