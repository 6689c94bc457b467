import { isByRow, type TensorSpec } from '../tensor/tensor.js';
import type { InferRequest } from './infer-request.js';
import { V2Error } from './v2-error.js';

export interface ModelInterface {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** Rows of the request: the first length of its first input. One where the inputs of the model, if it is known, are not counted by row. */
export function rowsOf({ inputs }: InferRequest, specs: readonly TensorSpec[] = []): number {
  return isByRow(specs) ? (inputs[0]?.shape[0] ?? 1) : 1;
}

/** Throws V2Error 400 when the request does not fit the model, with Triton's texts. */
export function checkInputs(request: InferRequest, model: string, { inputs, outputs }: ModelInterface, maxRows: number): void {
  const given = request.inputs.map(({ name }) => name);
  for (const input of request.inputs) {
    const spec = inputs.find(({ name }) => name === input.name);
    if (spec === undefined) throw new V2Error(400, `unexpected inference input '${input.name}' for model '${model}'`);
    if (spec.datatype !== input.datatype) {
      throw new V2Error(400, `inference input '${input.name}' data-type is '${input.datatype}', but model '${model}' expects '${spec.datatype}'`);
    }
    if (!fits(input.shape, spec.shape)) {
      throw new V2Error(400, `unexpected shape for input '${input.name}' for model '${model}'. Expected [${spec.shape.join(',')}], got [${input.shape.join(',')}]`);
    }
  }
  const missing = inputs.filter(({ name }) => !given.includes(name)).map(({ name }) => `'${name}'`);
  if (missing.length > 0) {
    throw new V2Error(
      400,
      `expected ${inputs.length} inputs but got ${given.length} inputs for model '${model}'. ` +
        `Missing required input(s) [${missing.join(',')}]. Please provide all required input(s).`,
    );
  }
  for (const { name } of request.outputs ?? []) {
    if (!outputs.some((output) => output.name === name)) throw new V2Error(400, `unexpected inference output '${name}' for model '${model}'`);
  }
  if (isByRow(inputs)) checkRows(request, model, maxRows);
}

export function checkRows(request: InferRequest, model: string, maxRows: number): void {
  const rows = rowsOf(request);
  if (rows > maxRows) throw new V2Error(400, `inference request batch-size must be <= ${maxRows} for '${model}'`);
  const odd = request.inputs.find(({ shape }) => (shape[0] ?? 1) !== rows);
  if (odd !== undefined) throw new V2Error(400, `input '${odd.name}' batch size does not match other inputs for '${model}'`);
}

function fits(shape: readonly number[], spec: readonly number[]): boolean {
  return shape.length === spec.length && spec.every((length, index) => length === -1 || length === shape[index]);
}
