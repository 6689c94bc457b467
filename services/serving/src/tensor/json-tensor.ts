import { allocate, datatypes, isDatatype, isTexts, type Datatype, type TensorData } from './datatype.js';
import { halfToNumber, numberToHalf } from './half.js';
import { elementCount, TensorError, unsupported, type Tensor } from './tensor.js';
import { checkText } from './text.js';

const SHAPE_MISMATCH = "Unable to parse 'data': Shape does not match true shape of 'data' field";

/** A tensor as V2 has it in JSON. */
export interface JsonTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: string;
  /** Flat in row-major order, or nested as the shape says. */
  readonly data: unknown;
}

/**
 * Throws TensorError when a value does not fit the datatype or the shape. Whole numbers beyond 2^53 can't be told apart in JSON and are refused, and so are numbers that
 * the datatype would turn into infinity. FP16 is rounded: whoever wants to refuse it, as Triton does, looks at the datatype first.
 */
export function tensorFromJson({ name, shape, datatype, data }: JsonTensor): Tensor {
  if (!isDatatype(datatype)) throw unsupported(name, datatype);
  const elements = elementCount(name, shape);
  if (!Array.isArray(data)) throw new TensorError(`input '${name}' has no data: a list is expected`);
  const nested = Array.isArray(data[0]) && shape.length > 1;
  // Before memory is asked for: a shape is a few bytes long, whatever it says.
  if (nested ? !mayNest(data, shape) : data.length !== elements) throw new TensorError(SHAPE_MISMATCH);
  const target = allocate(datatype, elements);
  const write = writerOf(name, datatype, target);
  if (!nested) data.forEach((value, index) => write(index, value));
  else if (fill(data, shape, 0, 0, write) !== elements) throw new TensorError(SHAPE_MISMATCH);
  return { name, datatype, shape, data: target };
}

/** JSON text of the values, flat. Undefined when one of them is not finite: JSON has no word for it. Not for FP16, which V2 has in binary alone. */
export function dataToJson({ datatype, data }: Tensor): string | undefined {
  if (isTexts(data)) return JSON.stringify(data);
  if (datatype === 'BOOL') return `[${Array.from(data as Uint8Array, (value) => value !== 0).join(',')}]`;
  if (data instanceof Float32Array || data instanceof Float64Array) {
    let hasNegativeZero = false;
    for (const value of data) {
      if (!Number.isFinite(value)) return undefined;
      hasNegativeZero ||= Object.is(value, -0);
    }
    // JavaScript writes it without its sign, which JSON has.
    if (hasNegativeZero) return `[${Array.from(data, (value) => (Object.is(value, -0) ? '-0' : value)).join(',')}]`;
  }
  return `[${data.join(',')}]`;
}

type Write = (index: number, value: unknown) => void;

/** Whether the first of each depth is as long as the shape says. */
function mayNest(values: unknown, shape: readonly number[]): boolean {
  let inner = values;
  for (const length of shape) {
    if (!Array.isArray(inner) || inner.length !== length) return false;
    if (length === 0) return true;
    inner = inner[0];
  }
  return true;
}

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
  const wrong = (index: number, hint = ''): TensorError => new TensorError(`input '${name}' has a value at ${index} that is no ${datatype}${hint}`);
  if (datatype === 'BYTES') {
    return (index, value) => {
      if (typeof value !== 'string') throw wrong(index, ': a string is expected');
      checkText(name, index, value);
      (target as string[])[index] = value;
    };
  }
  if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
    const least = target instanceof BigUint64Array ? 0 : Number.MIN_SAFE_INTEGER;
    return (index, value) => {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) throw wrong(index, '; whole numbers beyond 2^53 need binary tensor data');
      target[index] = BigInt(value);
    };
  }
  const numbers = target as Float64Array;
  const { range } = datatypes[datatype];
  if (range === undefined) {
    const round = ROUNDINGS[datatype] ?? ((value) => value);
    return (index, value) => {
      if (typeof value !== 'number' || !Number.isFinite(round(value))) throw wrong(index, '; what is not finite needs binary tensor data');
      numbers[index] = datatype === 'FP16' ? numberToHalf(value) : value;
    };
  }
  const [least, most] = [Number(range[0]), Number(range[1])];
  return (index, value) => {
    const number = datatype === 'BOOL' && typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) throw wrong(index);
    numbers[index] = number;
  };
}

/** What becomes of a number in a datatype that is narrower than JSON's. */
const ROUNDINGS: Partial<Record<Datatype, (value: number) => number>> = { FP16: (value) => halfToNumber(numberToHalf(value)), FP32: Math.fround };
