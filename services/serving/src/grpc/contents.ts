import type { inference } from '@cairn/contracts';
import { datatypes, isDatatype, type NumericData, type NumericDatatype, type TensorData } from '../tensor/datatype.js';
import { elementCount, TensorError, unsupported, type Tensor } from '../tensor/tensor.js';
import { textFromElement } from '../tensor/text.js';

type Contents = inference.InferTensorContents;
type List = Exclude<keyof Contents, '$typeName' | '$unknown'>;

/** The one list of a datatype; FP16 has none. */
const lists: Readonly<Partial<Record<string, List>>> = {
  BOOL: 'boolContents',
  INT8: 'intContents',
  INT16: 'intContents',
  INT32: 'intContents',
  INT64: 'int64Contents',
  UINT8: 'uintContents',
  UINT16: 'uintContents',
  UINT32: 'uintContents',
  UINT64: 'uint64Contents',
  FP32: 'fp32Contents',
  FP64: 'fp64Contents',
  BYTES: 'bytesContents',
};

/** A tensor as gRPC has it where it is not raw. */
export interface TypedTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  /** Absent, like an empty list, for a tensor without elements. */
  readonly contents: Contents | undefined;
}

/** Throws TensorError when the elements are not in the datatype's list, too few, too many, or out of its range. */
export function tensorFromContents({ name, datatype, shape, contents }: TypedTensor): Tensor {
  if (!isDatatype(datatype)) throw unsupported(name, datatype);
  const elements = elementCount(name, shape);
  const wanted = lists[datatype];
  for (const list of Object.values(lists)) {
    if (list === undefined || list === wanted || !contents || contents[list].length === 0) continue;
    throw new TensorError(`input '${name}' has ${fieldName(list)}, but ${datatype} elements are sent as ${wanted === undefined ? 'raw_input_contents' : fieldName(wanted)}`);
  }
  if (wanted === undefined && elements > 0) throw new TensorError(`input '${name}' has no data: ${datatype} elements are sent as raw_input_contents`);
  const values = wanted === undefined ? [] : (contents?.[wanted] ?? []);
  if (values.length !== elements) throw new TensorError(`unexpected number of elements ${values.length} for input '${name}', expecting ${elements}`);
  return { name, datatype, shape, data: datatype === 'BYTES' ? textsOf(name, values as Uint8Array[]) : numbersOf(name, datatype, values as (number | bigint | boolean)[]) };
}

function textsOf(name: string, values: readonly Uint8Array[]): TensorData {
  return values.map((bytes, index) => textFromElement(name, index, bytes));
}

function numbersOf(name: string, datatype: NumericDatatype, values: readonly (number | bigint | boolean)[]): NumericData {
  const { allocate, range } = datatypes[datatype];
  const data = allocate(values.length);
  const [least, most] = range ?? [-Infinity, Infinity];
  values.forEach((value, index) => {
    // Whole numbers of 64 bits have lists of their own, which hold nothing else.
    if (typeof value === 'number' && (value < least || value > most)) throw new TensorError(`input '${name}' has a value at ${index} that is no ${datatype}`);
    data[index] = (typeof value === 'boolean' ? Number(value) : value) as never;
  });
  return data;
}

function fieldName(list: List): string {
  return list.replace('Contents', '_contents');
}
