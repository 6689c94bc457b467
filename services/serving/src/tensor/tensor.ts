import { datatypes, isTexts, type Datatype, type NumericData, type TensorData } from './datatype.js';
import { halfToNumber, isFiniteHalf } from './half.js';

/** Row-major. `data` holds the product of `shape`; BOOL is one byte per element, 0 or 1. */
export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** What a model takes or gives under a name; -1 stands for any length. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** Whether the first length of each counts the same rows. Where it does not, a request is one prediction, whatever its shapes are. */
export function isByRow(specs: readonly Pick<TensorSpec, 'shape'>[]): boolean {
  return specs.every(({ shape }) => shape.length > 0 && shape[0] === specs[0]?.shape[0]);
}

/** A tensor that can't be read. The message is public. */
export class TensorError extends Error {
  override readonly name = 'TensorError';
}

export const MAX_RANK = 8;
/** 2^24 elements are 128 MiB at the widest: far above what a request may carry, and small enough to allocate at once. */
export const MAX_ELEMENTS = 2 ** 24;

/** Elements of a shape as a request gives it. Throws TensorError when it is no list of lengths, or asks for more than MAX_ELEMENTS. */
export function elementCount(name: string, shape: unknown): number {
  if (!isShape(shape)) throw new TensorError(`input '${name}' needs a shape: at most ${MAX_RANK} whole numbers that are not negative`);
  const count = shape.reduce((product, length) => product * length, 1);
  if (count > MAX_ELEMENTS) throw new TensorError(`shape of input '${name}' causes total element count to exceed maximum size of ${MAX_ELEMENTS}`);
  return count;
}

export function unsupported(name: string, datatype: unknown): TensorError {
  const instead = datatype === 'BF16' ? 'ONNX Runtime for Node has no tensor of it, so send FP32' : `supported are ${Object.keys(datatypes).join(', ')}, BYTES`;
  return new TensorError(`input '${name}' has the datatype '${String(datatype).slice(0, 40)}', which is not supported; ${instead}`);
}

/** The values as numbers; undefined for texts. */
export function numbersOf({ datatype, data }: Tensor): NumericData | undefined {
  if (isTexts(data)) return undefined;
  return datatype === 'FP16' ? Float64Array.from(data as Uint16Array, halfToNumber) : data;
}

/** Not a number, or infinite: the values of a float tensor that JSON can't carry. */
export function countNonFinite({ datatype, data }: Tensor): number {
  if (datatype === 'FP16') return (data as Uint16Array).reduce((count, bits) => (isFiniteHalf(bits) ? count : count + 1), 0);
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return 0;
  let count = 0;
  for (const value of data) if (!Number.isFinite(value)) count += 1;
  return count;
}

function isShape(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) && shape.length <= MAX_RANK && shape.every((length) => Number.isSafeInteger(length) && length >= 0);
}
