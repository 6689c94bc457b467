import { datatypes, isDatatype } from '../tensor/datatype.js';
import { tensorFromRaw } from '../tensor/raw-tensor.js';
import { isByRow, TensorError, unsupported, type Tensor, type TensorSpec } from '../tensor/tensor.js';
import { textFromElement } from '../tensor/text.js';
import type { InferRequest } from './infer-request.js';
import { V2Error } from './v2-error.js';

/**
 * A request without JSON, `Inference-Header-Content-Length: 0`: the body is the only input of the model, one row of it, and all outputs go back raw. At most one length
 * beside the rows may be variable; the bytes say it. Of BYTES the body is the one element, without its length before it. Throws V2Error 400.
 */
export function decodeRawRequest(body: Buffer, model: string, inputs: readonly TensorSpec[]): InferRequest {
  const [only] = inputs;
  if (only === undefined || inputs.length > 1) throw new V2Error(400, `raw binary requests need a model with one input, and '${model}' has ${inputs.length}`);
  try {
    return { id: '', parameters: {}, inputs: [tensorOf(body, only)], outputs: undefined, binaryOutputs: true };
  } catch (cause) {
    if (cause instanceof TensorError) throw new V2Error(400, cause.message, { cause });
    throw cause;
  }
}

function tensorOf(body: Buffer, spec: TensorSpec): Tensor {
  const { name, datatype } = spec;
  if (!isDatatype(datatype)) throw unsupported(name, datatype);
  const hasRows = isByRow([spec]) && spec.shape.length > 1 && spec.shape[0] === -1;
  const lengths = hasRows ? [1, ...spec.shape.slice(1)] : spec.shape;
  const variable = lengths.filter((length) => length === -1).length;
  if (variable > 1) throw new V2Error(400, `raw binary requests allow one variable length in the shape of input '${name}', and [${spec.shape.join(',')}] has more`);
  const fixed = lengths.reduce((product, length) => (length === -1 ? product : product * length), 1);
  if (datatype === 'BYTES') {
    if (fixed !== 1) throw new V2Error(400, `raw binary requests carry one element, and input '${name}' of the shape [${spec.shape.join(',')}] has more`);
    return { name, datatype, shape: lengths.map(() => 1), data: [textFromElement(name, 0, body)] };
  }
  const rest = Math.floor(body.length / (fixed * datatypes[datatype].elementBytes));
  const shape = lengths.map((length) => (length === -1 ? (fixed === 0 ? 0 : rest) : length));
  return tensorFromRaw({ name, datatype, shape, raw: body });
}
