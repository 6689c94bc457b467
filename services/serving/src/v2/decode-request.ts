import { isUtf8 } from 'node:buffer';
import { isDeeper } from '@cairn/service';
import { isRecord, type JsonRecord } from '../json-record.js';
import { tensorFromJson } from '../tensor/json-tensor.js';
import { tensorFromRaw } from '../tensor/raw-tensor.js';
import { TensorError, type Tensor } from '../tensor/tensor.js';
import type { InferRequest, Parameters, RequestedOutput } from './infer-request.js';
import { DEFAULT_MAX_JSON_BYTES, MAX_JSON_DEPTH } from './limits.js';
import { V2Error } from './v2-error.js';

/**
 * Reads the body of an infer request: JSON, or JSON and behind it the raw tensors, in which case `Inference-Header-Content-Length` says
 * how long the JSON is. Throws V2Error 400 with Triton's texts.
 */
export function decodeRequest(body: Buffer, headerLength: string | undefined, maxJsonBytes = DEFAULT_MAX_JSON_BYTES): InferRequest {
  const jsonBytes = headerLength === undefined ? body.length : parseHeaderLength(headerLength, body.length);
  if (jsonBytes > maxJsonBytes) {
    throw new V2Error(400, `request JSON of ${jsonBytes} bytes exceeds maximum size of ${maxJsonBytes}; send binary tensor data, or rows in more requests`);
  }
  const json = parseJson(body.subarray(0, jsonBytes));
  try {
    const parameters = parametersOf(json.parameters);
    return {
      id: idOf(json.id),
      parameters,
      inputs: inputsOf(json.inputs, body.subarray(jsonBytes)),
      outputs: outputsOf(json.outputs),
      binaryOutputs: parameters.binary_data_output === true,
    };
  } catch (cause) {
    if (cause instanceof TensorError) throw new V2Error(400, cause.message, { cause });
    throw cause;
  }
}

function parseHeaderLength(text: string, bodyBytes: number): number {
  if (!/^\d{1,15}$/.test(text)) throw new V2Error(400, `Unable to parse Inference-Header-Content-Length, got: ${text.slice(0, 40)}`);
  const length = Number(text);
  if (length === 0 || length > bodyBytes) throw new V2Error(400, `inference header size should be in range (0, ${bodyBytes}), got: ${text}`);
  return length;
}

/** Throws V2Error 400 for what is no JSON object, or nests too deep, or is not UTF-8: read as if it were, a text in it would be another one. */
export function parseJson(bytes: Buffer): JsonRecord {
  if (!isUtf8(bytes)) throw new V2Error(400, 'failed to parse the request JSON buffer: it is not valid UTF-8');
  const text = bytes.toString();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new V2Error(400, 'failed to parse the request JSON buffer: it is not valid JSON', { cause });
  }
  if (!isRecord(parsed)) throw new V2Error(400, 'failed to parse the request JSON buffer: an object is expected');
  if (opens(text, MAX_JSON_DEPTH) && isDeeper(parsed, MAX_JSON_DEPTH)) throw new V2Error(400, `JSON nesting depth exceeds maximum allowed limit (${MAX_JSON_DEPTH})`);
  return parsed;
}

/** Whether lists or objects begin more often than so. Looking takes a hundredth of the time of a walk through a long list, which most large requests are. */
function opens(text: string, times: number): boolean {
  let seen = 0;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      seen += 1;
      if (seen > times) return true;
    }
  }
  return false;
}

function idOf(id: unknown): string {
  if (id === undefined) return '';
  if (typeof id !== 'string') throw new V2Error(400, "Unable to parse 'id': a string is expected");
  return id;
}

function parametersOf(parameters: unknown): Parameters {
  if (parameters === undefined) return {};
  if (!isRecord(parameters)) throw new V2Error(400, "Unable to parse 'parameters': an object is expected");
  for (const [name, value] of Object.entries(parameters)) {
    if (name.startsWith('triton_')) throw new V2Error(400, `parameter keys starting with 'triton_' are reserved for Triton usage: '${name}'`);
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw new V2Error(400, `parameter '${name}' must be a string, a number or a boolean`);
  }
  return parameters as Parameters;
}

/** Raw tensors lie behind the JSON in the order of the inputs that announce them; JSON and raw inputs may be mixed. */
function inputsOf(inputs: unknown, raw: Buffer): readonly Tensor[] {
  if (!Array.isArray(inputs) || inputs.length === 0) throw new V2Error(400, "Unable to parse 'inputs': a list with at least one input is expected");
  const tensors: Tensor[] = [];
  const names = new Set<string>();
  let offset = 0;
  for (const input of inputs) {
    if (!isRecord(input) || typeof input.name !== 'string') throw new V2Error(400, "Unable to parse 'inputs': every input needs a name");
    const { name, shape, datatype, data } = input;
    if (names.has(name)) throw new V2Error(400, `input '${name}' already exists in request`);
    names.add(name);
    const parameters = parametersOf(input.parameters);
    refuseSharedMemory('input', name, parameters);
    const { binary_data_size: binaryBytes } = parameters;
    if (binaryBytes === undefined) {
      if (datatype === 'FP16') throw new V2Error(400, `receiving FP16 data via JSON is not supported. Please use the binary data format for input ${name}`);
      tensors.push(tensorFromJson({ name, shape: shape as number[], datatype: String(datatype), data }));
      continue;
    }
    if (data !== undefined) throw new V2Error(400, `unexpected 'data' for input '${name}' with 'binary_data_size'`);
    const end = offset + sizeOf(name, binaryBytes, raw.length - offset);
    tensors.push(tensorFromRaw({ name, shape, datatype, raw: raw.subarray(offset, end) }));
    offset = end;
  }
  if (offset !== raw.length) throw new V2Error(400, `unexpected additional input data: ${raw.length - offset} bytes are left after all inputs`);
  return tensors;
}

function sizeOf(name: string, announced: unknown, left: number): number {
  if (typeof announced !== 'number' || !Number.isSafeInteger(announced) || announced < 0) {
    throw new V2Error(400, `Unable to parse 'binary_data_size' of input '${name}': a whole number of bytes is expected`);
  }
  if (announced > left) throw new V2Error(400, `unexpected size for input '${name}', expecting ${announced - left} additional bytes`);
  return announced;
}

function outputsOf(outputs: unknown): readonly RequestedOutput[] | undefined {
  if (outputs === undefined) return undefined;
  if (!Array.isArray(outputs)) throw new V2Error(400, "Unable to parse 'outputs': a list is expected");
  if (outputs.length === 0) return undefined;
  const names = new Set<string>();
  return outputs.map((output): RequestedOutput => {
    if (!isRecord(output) || typeof output.name !== 'string') throw new V2Error(400, "Unable to parse 'outputs': every output needs a name");
    if (names.has(output.name)) throw new V2Error(400, `output '${output.name}' already exists in request`);
    names.add(output.name);
    const parameters = parametersOf(output.parameters);
    refuseSharedMemory('output', output.name, parameters);
    const binary = typeof parameters.binary_data === 'boolean' ? parameters.binary_data : undefined;
    return { name: output.name, binary, classification: classesOf(output.name, parameters.classification) };
  });
}

/** How many classes of an output are wanted; undefined: none, its values. Throws V2Error 400. */
export function classesOf(output: string, asked: unknown): number | undefined {
  if (asked === undefined) return undefined;
  if (typeof asked === 'number' && Number.isSafeInteger(asked) && asked > 0) return asked;
  throw new V2Error(400, `output '${output}': 'classification' must be a whole number of classes, at least 1`);
}

function refuseSharedMemory(kind: 'input' | 'output', name: string, parameters: Parameters): void {
  if (parameters.shared_memory_region === undefined) return;
  throw new V2Error(501, `${kind} '${name}': shared memory is not supported; send tensors in the request`);
}
