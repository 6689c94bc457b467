import { datatypes, isDatatype, type Datatype, type TensorData } from './datatype.js';
import { elementCount, TensorError, type Tensor } from './tensor.js';

const SHAPE_MISMATCH = "Unable to parse 'data': Shape does not match true shape of 'data' field";

/** A tensor as V2 has it in JSON. */
export interface JsonTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  /** Flat in row-major order, or nested as the shape says. */
  readonly data: unknown;
}

/** Throws TensorError when a value does not fit the datatype or the shape. Whole numbers beyond 2^53 can't be told apart in JSON and are refused. */
export function tensorFromJson({ name, shape, datatype, data }: JsonTensor): Tensor {
  if (!isDatatype(datatype)) throw unsupported(name, datatype);
  const elements = elementCount(name, shape);
  const target = datatypes[datatype].allocate(elements);
  if (!Array.isArray(data)) throw new TensorError(`input '${name}' has no data: a list is expected`);
  const write = writerOf(name, datatype, target);
  if (Array.isArray(data[0]) && shape.length > 1) {
    if (fill(data, shape, 0, 0, write) !== elements) throw new TensorError(SHAPE_MISMATCH);
  } else {
    if (data.length !== elements) throw new TensorError(SHAPE_MISMATCH);
    for (let index = 0; index < elements; index += 1) write(index, data[index]);
  }
  return { name, datatype, shape, data: target };
}

export function unsupported(name: string, datatype: unknown): TensorError {
  return new TensorError(`input '${name}' has the datatype '${String(datatype)}', which is not supported; supported are ${Object.keys(datatypes).join(', ')}`);
}

/** JSON text of the values, flat. Undefined when one of them is not finite: JSON has no word for it. */
export function dataToJson({ datatype, data }: Tensor): string | undefined {
  if (datatype === 'BOOL') return `[${Array.from(data as Uint8Array, (value) => value !== 0).join(',')}]`;
  if (data instanceof Float32Array || data instanceof Float64Array) {
    for (const value of data) if (!Number.isFinite(value)) return undefined;
  }
  return `[${data.join(',')}]`;
}

type Write = (index: number, value: unknown) => void;

/** Returns the index after the last value written; -1 when the nesting is not that of the shape. */
function fill(values: unknown, shape: readonly number[], depth: number, start: number, write: Write): number {
  if (!Array.isArray(values) || values.length !== shape[depth]) return -1;
  let index = start;
  if (depth === shape.length - 1) {
    for (const value of values) write(index++, value);
    return index;
  }
  for (const inner of values) {
    index = fill(inner, shape, depth + 1, index, write);
    if (index < 0) return -1;
  }
  return index;
}

function writerOf(name: string, datatype: Datatype, target: TensorData): Write {
  const wrong = (index: number): TensorError => new TensorError(`input '${name}' has a value at ${index} that is no ${datatype}`);
  if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
    const least = target instanceof BigUint64Array ? 0 : Number.MIN_SAFE_INTEGER;
    return (index, value) => {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) throw wrong(index);
      target[index] = BigInt(value);
    };
  }
  const { range } = datatypes[datatype];
  if (range === undefined) {
    return (index, value) => {
      if (typeof value !== 'number') throw wrong(index);
      target[index] = value;
    };
  }
  const [least, most] = [Number(range[0]), Number(range[1])];
  return (index, value) => {
    const number = datatype === 'BOOL' && typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) throw wrong(index);
    target[index] = number;
  };
}
