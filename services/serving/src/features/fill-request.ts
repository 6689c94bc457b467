import type { Signature, SignatureTensor } from '../deployment/views/servable-version/signature.js';
import { tensorFromJson } from '../tensor/json-tensor.js';
import { numbersOf, TensorError, type Tensor } from '../tensor/tensor.js';
import type { InferRequest } from '../v2/infer-request.js';
import { V2Error } from '../v2/v2-error.js';
import { singleColumn } from './entity-keys.js';

/** What was looked up for a request. */
export interface LookedUp {
  readonly rows: number;
  readonly entities: readonly string[];
  /** By column, one for each row. */
  readonly columns: ReadonlyMap<string, readonly number[]>;
}

/**
 * The request with the inputs that it left out: values that were looked up, in the order of the signature's columns, and for columns that are not looked up those
 * of a tensor of the request with the column's name. Entities are gone. What can't be filled is left out still, and refused as in any other request. Throws
 * V2Error 400.
 */
export function fillRequest(request: InferRequest, { inputs }: Signature, looked: LookedUp, model: string): InferRequest {
  const given = new Map(request.inputs.map((tensor) => [tensor.name, tensor]));
  const used = new Set(looked.entities);
  const filled = inputs.flatMap((spec): Tensor[] => {
    const own = given.get(spec.name);
    if (own !== undefined) return (used.add(spec.name), [own]);
    const columns = columnsOf(spec);
    return columns === undefined ? [] : [tensorOf(spec, columns.map((column) => valuesOf(column, spec, looked, given, used, model)), looked.rows)];
  });
  return { ...request, inputs: [...filled, ...request.inputs.filter(({ name }) => !used.has(name))] };
}

/** Inputs of one row per first length, whose columns have names: their own, or that of an input of single numbers. */
function columnsOf({ name, datatype, shape, columns }: SignatureTensor): readonly string[] | undefined {
  if (datatype === 'BYTES' || datatype === 'BOOL') return undefined;
  if (columns.length > 0) return columns;
  return shape.length === 1 || (shape.length === 2 && shape[1] === 1) ? [name] : undefined;
}

function valuesOf(
  column: string, { name }: SignatureTensor, { columns, rows }: LookedUp, given: ReadonlyMap<string, Tensor>, used: Set<string>, model: string,
): readonly number[] {
  const looked = columns.get(column);
  if (looked !== undefined) return looked;
  const tensor = given.get(column);
  if (tensor === undefined)
    throw new V2Error(400, `column '${column}' of input '${name}' is not looked up for model '${model}': send it as an input of its own, of shape [${rows}]`);
  if (singleColumn(tensor, model) !== rows) throw new V2Error(400, `input '${column}' batch size does not match other inputs for '${model}'`);
  const numbers = numbersOf(tensor);
  if (numbers === undefined) throw new V2Error(400, `input '${column}' is a column of numbers for model '${model}', not ${tensor.datatype}`);
  used.add(column);
  return Array.from(numbers, Number);
}

/** Throws V2Error 400 for values that the datatype can't hold. */
function tensorOf({ name, datatype, shape }: SignatureTensor, columns: readonly (readonly number[])[], rows: number): Tensor {
  const data = Array.from({ length: rows }, (_, row) => columns.map((values) => values[row])).flat();
  try {
    return tensorFromJson({ name, datatype, shape: shape.length === 1 ? [rows] : [rows, columns.length], data });
  } catch (error) {
    if (error instanceof TensorError) throw new V2Error(400, error.message, { cause: error });
    throw error;
  }
}
