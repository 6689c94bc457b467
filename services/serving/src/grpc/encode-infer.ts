import type { MessageInitShape } from '@bufbuild/protobuf';
import type { inference } from '@cairn/contracts';
import { rawFromTensor } from '../tensor/raw-tensor.js';
import type { InferAnswer } from '../v2/encode-response.js';
import type { InferRequest } from '../v2/infer-request.js';
import { toInferParameters } from './parameters.js';

export type InferResponse = MessageInitShape<typeof inference.ModelInferResponseSchema>;

/** The outputs that were asked for, always raw: Triton's clients read nothing else. */
export function encodeInfer(request: InferRequest, { modelName, modelVersion, parameters, outputs }: InferAnswer): InferResponse {
  const wanted = request.outputs?.flatMap(({ name }) => outputs.filter((output) => output.name === name)) ?? outputs;
  return {
    modelName,
    modelVersion,
    id: request.id,
    parameters: toInferParameters(parameters),
    outputs: wanted.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(BigInt) })),
    rawOutputContents: wanted.map(rawFromTensor),
  };
}
