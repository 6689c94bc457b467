/** Datatypes of the Open Inference Protocol whose elements all have the same size. */
export type NumericDatatype = 'BOOL' | 'UINT8' | 'UINT16' | 'UINT32' | 'UINT64' | 'INT8' | 'INT16' | 'INT32' | 'INT64' | 'FP16' | 'FP32' | 'FP64';

/** Datatypes that replicas run. BF16 is refused: ONNX Runtime for Node has no such tensor. */
export type Datatype = NumericDatatype | 'BYTES';

export type NumericData =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** FP16 is kept as its bits. BYTES are texts, since ONNX Runtime knows strings alone: without NUL and without half a surrogate pair. */
export type TensorData = NumericData | readonly string[];

interface DatatypeFacts {
  readonly elementBytes: number;
  readonly allocate: (elements: number) => NumericData;
  /** Little endian, as every platform that Node runs on. `bytes` begins at a multiple of the element's size. */
  readonly view: (bytes: ArrayBuffer) => NumericData;
  /** Whole numbers in this range; absent for floating point. */
  readonly range?: readonly [min: bigint, max: bigint];
}

const bits = (width: number, signed: boolean): readonly [bigint, bigint] =>
  signed ? [-(2n ** BigInt(width - 1)), 2n ** BigInt(width - 1) - 1n] : [0n, 2n ** BigInt(width) - 1n];

export const datatypes: Readonly<Record<NumericDatatype, DatatypeFacts>> = {
  BOOL: { elementBytes: 1, allocate: (n) => new Uint8Array(n), view: (b) => new Uint8Array(b), range: [0n, 1n] },
  UINT8: { elementBytes: 1, allocate: (n) => new Uint8Array(n), view: (b) => new Uint8Array(b), range: bits(8, false) },
  UINT16: { elementBytes: 2, allocate: (n) => new Uint16Array(n), view: (b) => new Uint16Array(b), range: bits(16, false) },
  UINT32: { elementBytes: 4, allocate: (n) => new Uint32Array(n), view: (b) => new Uint32Array(b), range: bits(32, false) },
  UINT64: { elementBytes: 8, allocate: (n) => new BigUint64Array(n), view: (b) => new BigUint64Array(b), range: bits(64, false) },
  INT8: { elementBytes: 1, allocate: (n) => new Int8Array(n), view: (b) => new Int8Array(b), range: bits(8, true) },
  INT16: { elementBytes: 2, allocate: (n) => new Int16Array(n), view: (b) => new Int16Array(b), range: bits(16, true) },
  INT32: { elementBytes: 4, allocate: (n) => new Int32Array(n), view: (b) => new Int32Array(b), range: bits(32, true) },
  INT64: { elementBytes: 8, allocate: (n) => new BigInt64Array(n), view: (b) => new BigInt64Array(b), range: bits(64, true) },
  FP16: { elementBytes: 2, allocate: (n) => new Uint16Array(n), view: (b) => new Uint16Array(b) },
  FP32: { elementBytes: 4, allocate: (n) => new Float32Array(n), view: (b) => new Float32Array(b) },
  FP64: { elementBytes: 8, allocate: (n) => new Float64Array(n), view: (b) => new Float64Array(b) },
};

export function isDatatype(value: unknown): value is Datatype {
  return value === 'BYTES' || (typeof value === 'string' && Object.hasOwn(datatypes, value));
}

export function isTexts(data: TensorData): data is readonly string[] {
  return Array.isArray(data);
}

/** Zeros, or empty texts. */
export function allocate(datatype: Datatype, elements: number): NumericData | string[] {
  return datatype === 'BYTES' ? new Array<string>(elements).fill('') : datatypes[datatype].allocate(elements);
}
