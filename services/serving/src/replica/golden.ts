import { readFile, stat } from 'node:fs/promises';
import { tensorFromJson, type JsonTensor } from '../tensor/json-tensor.js';
import { tensorFromRaw } from '../tensor/raw-tensor.js';
import { numbersOf, TensorError, type Tensor } from '../tensor/tensor.js';

/** A request together with the answer that was recorded when the version was made. */
export interface Golden {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Largest difference that whoever recorded it allows; undefined when they did not say. */
  readonly tolerance: number | undefined;
}

export const MAX_GOLDEN_BYTES = 16 * 1024 * 1024;
/** Parsing is synchronous, and a number in JSON takes a hundred times as long as its bytes in base64. */
const MAX_JSON_VALUES = 512 * 1024;

const COMMA = ','.charCodeAt(0);

/** The bytes of a golden answer. Throws TensorError when there are too many. */
export async function readGolden(path: string): Promise<Buffer> {
  const { size } = await stat(path);
  if (size > MAX_GOLDEN_BYTES) throw new TensorError(`the golden answer has ${size} bytes; it may have ${MAX_GOLDEN_BYTES}`);
  return readFile(path);
}

/**
 * Reads `{inputs, outputs, tolerance}` with tensors as V2 has them in JSON, or with `raw_data` instead of `data`: the bytes of the binary tensor extension in base64, which
 * hold every bit, also of what JSON can't say. Throws TensorError with a public message.
 */
export function parseGolden(bytes: Buffer): Golden {
  if (hasMoreValues(bytes, MAX_JSON_VALUES)) throw new TensorError(`the golden answer has more than ${MAX_JSON_VALUES} values; give them as raw_data`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new TensorError('the golden answer is not valid JSON');
  }
  const { inputs, outputs, tolerance } = (parsed ?? {}) as Record<string, unknown>;
  if (tolerance !== undefined && !(typeof tolerance === 'number' && tolerance >= 0)) {
    throw new TensorError('the tolerance of the golden answer must be a number that is not negative');
  }
  return { inputs: tensorsOf('inputs', inputs), outputs: tensorsOf('outputs', outputs), tolerance };
}

/**
 * Largest absolute difference of two values at the same place. Infinite when an expected output is missing, has another shape or datatype, or
 * is a number where the other is none, or a text that is another.
 */
export function maxDifference(expected: readonly Tensor[], observed: readonly Tensor[]): number {
  let largest = 0;
  for (const tensor of expected) {
    const other = observed.find(({ name }) => name === tensor.name);
    if (other === undefined || other.datatype !== tensor.datatype || other.shape.join() !== tensor.shape.join()) return Infinity;
    const [numbers, others] = [numbersOf(tensor), numbersOf(other)];
    if (numbers === undefined || others === undefined) {
      if (tensor.data.some((text, index) => text !== other.data[index])) return Infinity;
      continue;
    }
    for (let index = 0; index < numbers.length; index += 1) {
      const [a, b] = [Number(numbers[index]), Number(others[index])];
      const difference = Object.is(a, b) || a === b ? 0 : Math.abs(a - b);
      if (!Number.isFinite(difference)) return Infinity;
      if (difference > largest) largest = difference;
    }
  }
  return largest;
}

/** By the commas between them. */
function hasMoreValues(bytes: Buffer, most: number): boolean {
  let commas = 0;
  for (let at = bytes.indexOf(COMMA); at >= 0 && commas <= most; at = bytes.indexOf(COMMA, at + 1)) commas += 1;
  return commas > most;
}

function tensorsOf(field: string, list: unknown): readonly Tensor[] {
  if (!Array.isArray(list) || list.length === 0) throw new TensorError(`the golden answer needs ${field}: a list of tensors`);
  return list.map((tensor: unknown) => {
    const { name, shape, datatype, data, raw_data: raw } = (tensor ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string') throw new TensorError(`the golden answer has ${field} without a name`);
    if (raw === undefined) return tensorFromJson({ name, shape, datatype, data } as JsonTensor);
    if (typeof raw !== 'string' || data !== undefined) throw new TensorError(`the golden answer has ${name} with raw_data that is no text, or with data beside it`);
    return tensorFromRaw({ name, shape, datatype, raw: Buffer.from(raw, 'base64') });
  });
}
