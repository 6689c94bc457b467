import { datatypes, isDatatype, isTexts } from './datatype.js';
import { elementCount, TensorError, unsupported, type Tensor } from './tensor.js';
import { bytesFromTexts, textsFromBytes } from './text.js';

/** A tensor as V2 has it beside its bytes. */
export interface RawTensor {
  readonly name: string;
  readonly shape: unknown;
  readonly datatype: unknown;
  /** Little endian, row-major, without gaps; an element of BYTES is its length as u32 and then its bytes. All of them belong to the tensor. */
  readonly raw: Uint8Array;
}

/** Copies, because a view would keep the whole request alive and might not be aligned. Throws TensorError when the bytes do not fit the datatype and the shape. */
export function tensorFromRaw({ name, shape, datatype, raw }: RawTensor): Tensor {
  if (!isDatatype(datatype)) throw unsupported(name, datatype);
  const elements = elementCount(name, shape);
  const known = { name, datatype, shape: shape as readonly number[] };
  if (datatype === 'BYTES') return { ...known, data: textsFromBytes(name, raw, elements) };
  const { elementBytes, view } = datatypes[datatype];
  const expected = elements * elementBytes;
  if (raw.length < expected) throw new TensorError(`unexpected size for input '${name}', expecting ${expected - raw.length} additional bytes`);
  if (raw.length > expected) throw new TensorError(`unexpected size for input '${name}': its shape needs ${expected} bytes, it has ${raw.length}`);
  if (datatype === 'BOOL' && raw.some((byte) => byte > 1)) throw new TensorError(`input '${name}' has a byte that is no BOOL: 0 and 1 are`);
  const bytes = new Uint8Array(expected);
  bytes.set(raw);
  return { ...known, data: view(bytes.buffer) };
}

/** A view of the tensor's memory where it has any. */
export function rawFromTensor({ data }: Tensor): Buffer {
  return isTexts(data) ? bytesFromTexts(data) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
