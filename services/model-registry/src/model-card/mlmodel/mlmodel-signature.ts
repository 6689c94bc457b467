import type { Plain, registry } from '@cairn/contracts';
import { parse } from 'yaml';

type Signature = Plain<registry.Signature>;
type Tensor = Plain<registry.Tensor>;

/** On each side; what is larger would not fit an event beside a description and tags. */
const MAX_TENSORS = 200;
const MAX_SIGNATURE_BYTES = 20_000;
const MAX_NAME_LENGTH = 250;
const MAX_DIMENSIONS = 16;

/** MLflow's column types, https://mlflow.org/docs/latest/ml/model/signatures/, as datatypes of the Open Inference Protocol. Dates go over the wire as text. */
const COLUMNS: ReadonlyMap<unknown, string> = new Map([
  ['boolean', 'BOOL'], ['integer', 'INT32'], ['long', 'INT64'], ['float', 'FP32'], ['double', 'FP64'], ['string', 'BYTES'], ['binary', 'BYTES'], ['datetime', 'BYTES'],
]);

/** numpy's names of types. */
const TENSORS: ReadonlyMap<unknown, string> = new Map([
  ['bool', 'BOOL'], ['float16', 'FP16'], ['float32', 'FP32'], ['float64', 'FP64'], ['object', 'BYTES'], ['str', 'BYTES'], ['bytes', 'BYTES'],
  ...['int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64'].map((name) => [name, name.toUpperCase()] as const),
]);

/**
 * The signature of an MLmodel file (YAML, whose signature holds inputs and outputs as JSON texts). Undefined when there is none, or one that can't be said in
 * tensors: nested objects, arrays, too many columns. A column is a tensor of any length, named as the column; a tensor without a name is named by its place.
 */
export function signatureOf(mlmodel: string): Signature | undefined {
  const document = parsed(() => parse(mlmodel, { maxAliasCount: 0, logLevel: 'silent' }) as unknown);
  const signature = field(document, 'signature');
  const [inputs, outputs] = [tensors(field(signature, 'inputs'), 'input'), tensors(field(signature, 'outputs'), 'output')];
  if (inputs === undefined || outputs === undefined || inputs.length + outputs.length === 0) return undefined;
  const text = JSON.stringify([inputs, outputs].map((side) => side.map((tensor) => ({ ...tensor, shape: tensor.shape.map(Number) }))));
  return Buffer.byteLength(text) > MAX_SIGNATURE_BYTES ? undefined : { inputs, outputs };
}

/** Undefined for what can't be said in tensors; nothing for a side that the model does not declare. */
function tensors(text: unknown, side: string): Tensor[] | undefined {
  if (text === undefined || text === null) return [];
  const fields = typeof text === 'string' ? parsed(() => JSON.parse(text) as unknown) : undefined;
  if (!Array.isArray(fields) || fields.length > MAX_TENSORS) return undefined;
  const converted = fields.map((one: unknown, index) => tensorOf(one, fields.length === 1 ? side : `${side}-${index}`));
  const known = converted.filter((tensor) => tensor !== undefined);
  const isClear = known.length === fields.length && new Set(known.map(({ name }) => name)).size === known.length;
  return isClear ? known : undefined;
}

function tensorOf(described: unknown, fallbackName: string): Tensor | undefined {
  const named = field(described, 'name');
  const name = typeof named === 'string' && named !== '' ? named : fallbackName;
  if (name.length > MAX_NAME_LENGTH || name.includes('\0')) return undefined;
  const type = field(described, 'type');
  if (type !== 'tensor') {
    const datatype = COLUMNS.get(type);
    return datatype === undefined ? undefined : { name, datatype, shape: [-1n], columns: [] };
  }
  const spec = field(described, 'tensor-spec');
  const datatype = TENSORS.get(field(spec, 'dtype'));
  const shape = field(spec, 'shape');
  const isShape = Array.isArray(shape) && shape.length <= MAX_DIMENSIONS && shape.every((length) => Number.isSafeInteger(length) && Number(length) >= -1);
  return datatype !== undefined && isShape ? { name, datatype, shape: shape.map((length) => BigInt(Number(length))), columns: [] } : undefined;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** What somebody uploaded may be anything. */
function parsed(parse: () => unknown): unknown {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
