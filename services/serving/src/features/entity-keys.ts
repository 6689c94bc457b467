import { isTexts } from '../tensor/datatype.js';
import { numbersOf, type Tensor } from '../tensor/tensor.js';
import type { InferRequest } from '../v2/infer-request.js';
import { V2Error } from '../v2/v2-error.js';

/** Of one key; the feature store takes no longer ones. */
const MAX_KEY_CHARS = 2_000;

export interface EntityKeys {
  readonly rows: number;
  /** By entity, one for each row. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/**
 * Keys of a request: one tensor for each entity, BYTES or whole numbers, of shape [rows] or [rows, 1]. Throws V2Error 400 when one is missing, is of another kind, or has
 * another number of rows.
 */
export function entityKeysOf(request: InferRequest, entities: readonly string[], model: string): EntityKeys {
  const missing = entities.find((entity) => !request.inputs.some(({ name }) => name === entity));
  if (missing !== undefined) throw new V2Error(400, `features of model '${model}' are looked up by the inputs ${entities.join(', ')}; '${missing}' is missing`);
  const keys = new Map<string, readonly string[]>();
  let rows = -1;
  for (const tensor of request.inputs) {
    if (!entities.includes(tensor.name)) continue;
    const given = singleColumn(tensor, model);
    if (rows !== -1 && rows !== given) throw new V2Error(400, `input '${tensor.name}' batch size does not match other inputs for '${model}'`);
    rows = given;
    keys.set(tensor.name, keyTexts(tensor));
  }
  return { rows, keys };
}

/** Rows of a tensor of one value each. Throws V2Error 400. */
export function singleColumn({ name, shape }: Tensor, model: string): number {
  const [rows, width = 1] = shape;
  if (rows === undefined || shape.length > 2 || width !== 1) {
    throw new V2Error(400, `unexpected shape for input '${name}' for model '${model}'. Expected [-1] or [-1,1], got [${shape.join(',')}]`);
  }
  return rows;
}

function keyTexts(tensor: Tensor): readonly string[] {
  const { name, datatype, data } = tensor;
  if (isTexts(data)) {
    const long = data.findIndex((key) => key.length > MAX_KEY_CHARS);
    if (long === -1) return data;
    throw new V2Error(400, `input '${name}': the key at ${long} has more than ${MAX_KEY_CHARS} characters`);
  }
  if (!/^U?INT/.test(datatype)) throw new V2Error(400, `input '${name}' names entities and must be BYTES or whole numbers, not ${datatype}`);
  return Array.from(numbersOf(tensor) ?? [], String);
}
