import type { inference } from '@cairn/contracts';
import { tensorFromRaw } from '../tensor/raw-tensor.js';
import { TensorError, type Tensor } from '../tensor/tensor.js';
import { classesOf } from '../v2/decode-request.js';
import type { InferRequest, RequestedOutput } from '../v2/infer-request.js';
import { refusedSharedMemory } from '../v2/not-supported.js';
import { V2Error } from '../v2/v2-error.js';
import { tensorFromContents } from './contents.js';
import { convertParameters } from './parameters.js';

type Input = inference.ModelInferRequest_InferInputTensor;

/** What an infer request asks for; its raw tensors are copied. Throws V2Error 400 with the texts that HTTP has, and 501. */
export function decodeInfer({ id, parameters, inputs, outputs, rawInputContents, modelName }: inference.ModelInferRequest): InferRequest {
  if (inputs.length === 0) throw new V2Error(400, "Unable to parse 'inputs': a list with at least one input is expected");
  const isRaw = rawInputContents.length > 0;
  if (isRaw) checkRaw(inputs, rawInputContents.length, modelName);
  refuseRepeated('input', inputs);
  refuseRepeated('output', outputs);
  try {
    return {
      id,
      parameters: convertParameters(parameters),
      inputs: inputs.map((input, index) => tensorOf(input, isRaw ? (rawInputContents[index] ?? new Uint8Array()) : undefined)),
      outputs: outputs.length === 0 ? undefined : outputs.map(requestedOutput),
      binaryOutputs: true,
    };
  } catch (cause) {
    if (cause instanceof TensorError) throw new V2Error(400, cause.message, { cause });
    throw cause;
  }
}

/** All inputs are raw, or none is. */
function checkRaw(inputs: readonly Input[], given: number, model: string): void {
  const typed = inputs.find(({ contents }) => contents !== undefined);
  if (typed !== undefined) throw new V2Error(400, `contents field must not be specified when using raw_input_contents for '${typed.name}' for model '${model}'`);
  if (given !== inputs.length) throw new V2Error(400, `expected ${inputs.length} raw_input_contents, one for each input, but got ${given} for model '${model}'`);
}

function tensorOf({ name, datatype, shape, parameters, contents }: Input, raw: Uint8Array | undefined): Tensor {
  refuseSharedMemory('input', name, parameters);
  const lengths = shape.map(Number);
  return raw === undefined ? tensorFromContents({ name, datatype, shape: lengths, contents }) : tensorFromRaw({ name, datatype, shape: lengths, raw });
}

function requestedOutput({ name, parameters }: inference.ModelInferRequest_InferRequestedOutputTensor): RequestedOutput {
  refuseSharedMemory('output', name, parameters);
  return { name, binary: true, classification: classesOf(name, convertParameters(parameters)['classification']) };
}

function refuseRepeated(kind: 'input' | 'output', tensors: readonly { readonly name: string }[]): void {
  const names = new Set<string>();
  for (const { name } of tensors) {
    if (names.has(name)) throw new V2Error(400, `${kind} '${name}' already exists in request`);
    names.add(name);
  }
}

/** A region lies on the machine of the client, who is told when it is registered; whoever did not look is told here. */
function refuseSharedMemory(kind: 'input' | 'output', name: string, parameters: Readonly<Record<string, unknown>>): void {
  if (parameters['shared_memory_region'] === undefined) return;
  throw new V2Error(501, `${kind} '${name}': ${refusedSharedMemory().message}`);
}
