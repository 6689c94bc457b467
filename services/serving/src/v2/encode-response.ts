import { dataToJson } from '../tensor/json-tensor.js';
import { rawFromTensor } from '../tensor/raw-tensor.js';
import type { Tensor } from '../tensor/tensor.js';
import type { InferRequest, Parameters } from './infer-request.js';
import { V2Error } from './v2-error.js';

export interface InferAnswer {
  readonly modelName: string;
  /** Empty when no version answered. */
  readonly modelVersion: string;
  readonly parameters: Parameters;
  readonly outputs: readonly Tensor[];
}

export interface EncodedResponse {
  readonly contentType: string;
  /** Bytes of the JSON part; undefined when there is nothing behind it. */
  readonly headerLength: number | undefined;
  /** Text, where it is nothing but JSON: Node sends it together with its head. */
  readonly body: Buffer | string;
}

/**
 * Puts each output into JSON or behind it, as the request asked for. Throws V2Error 400 when an output for JSON is FP16 or not
 * finite, which JSON can't say: whoever asks can choose binary data.
 */
export function encodeResponse(request: InferRequest, answer: InferAnswer): EncodedResponse {
  const raw: Buffer[] = [];
  const outputs = selected(request, answer.outputs).map(({ tensor, binary }) => {
    const head = { name: tensor.name, datatype: tensor.datatype, shape: tensor.shape };
    if (binary) {
      const bytes = rawFromTensor(tensor);
      raw.push(bytes);
      return JSON.stringify({ ...head, parameters: { binary_data_size: bytes.length } });
    }
    if (tensor.datatype === 'FP16') {
      throw new V2Error(400, `sending FP16 data via JSON is not supported. Please use the binary data format for output ${tensor.name}`);
    }
    const data = dataToJson(tensor);
    if (data === undefined) throw new V2Error(400, `output '${tensor.name}' has values that are not finite and can't be sent as JSON; ask for binary data`);
    return `${JSON.stringify(head).slice(0, -1)},"data":${data}}`;
  });
  const head = JSON.stringify({
    model_name: answer.modelName,
    ...(answer.modelVersion !== '' && { model_version: answer.modelVersion }),
    ...(request.id !== '' && { id: request.id }),
    parameters: answer.parameters,
  });
  const text = `${head.slice(0, -1)},"outputs":[${outputs.join(',')}]}`;
  if (raw.length === 0) return { contentType: 'application/json', headerLength: undefined, body: text };
  const json = Buffer.from(text);
  return { contentType: 'application/octet-stream', headerLength: json.length, body: Buffer.concat([json, ...raw]) };
}

function selected(request: InferRequest, outputs: readonly Tensor[]): { readonly tensor: Tensor; readonly binary: boolean }[] {
  if (request.outputs === undefined) return outputs.map((tensor) => ({ tensor, binary: request.binaryOutputs }));
  return request.outputs.flatMap(({ name, binary }) =>
    outputs.filter((tensor) => tensor.name === name).map((tensor) => ({ tensor, binary: binary ?? request.binaryOutputs })),
  );
}
