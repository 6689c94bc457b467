import type { Datatype, TensorData } from './datatype.js';

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

/** Not a number, or infinite: the values of a float tensor that JSON can't carry. */
export function countNonFinite({ data }: Tensor): number {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return 0;
  let count = 0;
  for (const value of data) if (!Number.isFinite(value)) count += 1;
  return count;
}

function isShape(shape: unknown): shape is readonly number[] {
  return Array.isArray(shape) && shape.length <= MAX_RANK && shape.every((length) => Number.isSafeInteger(length) && length >= 0);
}
