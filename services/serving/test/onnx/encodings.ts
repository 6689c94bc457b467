import type { MessageInitShape } from '@bufbuild/protobuf';
import type { inference } from '@cairn/contracts';
import type { TensorSpec } from '../../src/tensor/tensor.js';
import { methods, type GrpcClient, type InferRequestShape } from '../grpc/grpc-client.js';
import type { Serving } from '../support/serving.js';
import { sendV2 } from '../support/v2-client.js';
import { bytesOf, elementsOf, textsOf, type CaseTensor, type Element } from './elements.js';

export const ENCODINGS = ['json', 'binary', 'raw', 'contents'] as const;

/** How tensors travel: over HTTP as JSON or behind it, over gRPC as bytes or in the lists of their datatypes. */
export type Encoding = (typeof ENCODINGS)[number];

/** What is asked of a version. */
export interface Question {
  readonly model: string;
  readonly version: number;
  readonly inputs: readonly CaseTensor[];
}

/** The outputs, or the sentence that says why there are none. */
export type Answer = readonly CaseTensor[] | string;

interface JsonOutput extends TensorSpec {
  readonly data?: readonly Element[];
  readonly parameters?: { readonly binary_data_size: number };
}

type Contents = MessageInitShape<typeof inference.InferTensorContentsSchema>;

/** Sends what a client that knows nothing of Cairn would send, and reads the answer as one. */
export function ask(encoding: Encoding, serving: Serving, client: GrpcClient, question: Question): Promise<Answer> {
  switch (encoding) {
    case 'json':
      return askHttp(serving, question, false);
    case 'binary':
      return askHttp(serving, question, true);
    case 'raw':
    case 'contents':
      return askGrpc(client, question, encoding === 'raw');
    default: {
      const unhandled: never = encoding;
      return unhandled;
    }
  }
}

async function askHttp(serving: Serving, { model, version, inputs }: Question, binary: boolean): Promise<Answer> {
  const described = inputs.map((input) => {
    const head = JSON.stringify({ name: input.name, datatype: input.datatype, shape: input.shape }).slice(0, -1);
    return binary ? `${head},"parameters":{"binary_data_size":${input.bytes.length}}}` : `${head},"data":${jsonOf(input)}}`;
  });
  const json = Buffer.from(`{"parameters":{"binary_data_output":${binary}},"inputs":[${described.join(',')}]}`);
  const headers: Record<string, string> = binary ? { 'inference-header-content-length': String(json.length) } : {};
  const body = binary ? Buffer.concat([json, ...inputs.map(({ bytes }) => bytes)]) : json;
  const answer = await sendV2(serving, `/v2/models/${model}/versions/${version}/infer`, body, headers);
  if (answer.status !== 200) return `${answer.status} ${String(answer.json().error)}`;
  const headerLength = Number(answer.headers.get('inference-header-content-length') ?? answer.bytes.length);
  const { outputs } = parseExactly(answer.bytes.toString('utf8', 0, headerLength)) as { readonly outputs: readonly JsonOutput[] };
  let offset = headerLength;
  return outputs.map(({ name, datatype, shape, data, parameters }) => {
    if (data !== undefined) return { name, datatype, shape, bytes: bytesOf(datatype, data.map((element) => fromJson(datatype, element))) };
    const start = offset;
    offset += parameters?.binary_data_size ?? 0;
    return { name, datatype, shape, bytes: answer.bytes.subarray(start, offset) };
  });
}

async function askGrpc(client: GrpcClient, { model, version, inputs }: Question, raw: boolean): Promise<Answer> {
  const request: InferRequestShape = {
    modelName: model,
    modelVersion: String(version),
    inputs: inputs.map((input) => {
      const described = { name: input.name, datatype: input.datatype, shape: input.shape.map(BigInt) };
      return raw ? described : { ...described, contents: contentsOf(input) };
    }),
    rawInputContents: raw ? inputs.map(({ bytes }) => new Uint8Array(bytes)) : [],
  };
  try {
    const { outputs, rawOutputContents } = await client.ask(methods.modelInfer, request);
    return outputs.map(({ name, datatype, shape }, index) => ({ name, datatype, shape: shape.map(Number), bytes: Buffer.from(rawOutputContents[index] ?? []) }));
  } catch (error) {
    return (error as Error).message;
  }
}

/** Values in a row. What JSON has no word for is written as Python writes it. */
export function jsonOf(tensor: CaseTensor): string {
  return `[${elementsOf(tensor).map(jsonElement).join(',')}]`;
}

function jsonElement(element: Element): string {
  if (typeof element === 'string') return JSON.stringify(element);
  return Object.is(element, -0) ? '-0' : String(element);
}

/** JSON with long whole numbers as texts, since JavaScript would round them. No text of a case is one between commas. */
function parseExactly(text: string): unknown {
  return JSON.parse(text.replace(/(?<=[[,])-?\d{16,}(?=[\],])/g, '"$&"'));
}

function fromJson(datatype: string, element: Element): Element {
  if (datatype === 'BYTES' || datatype === 'BOOL') return element;
  return datatype === 'INT64' || datatype === 'UINT64' ? BigInt(element) : Number(element);
}

/** FP16 has no list; that of small whole numbers is what is nearest to it. */
function contentsOf(tensor: CaseTensor): Contents {
  const { datatype, bytes } = tensor;
  if (datatype === 'BYTES') return { bytesContents: textsOf(bytes).map((text) => new Uint8Array(text)) };
  const elements = elementsOf(tensor);
  if (datatype === 'BOOL') return { boolContents: elements.map(Boolean) };
  if (datatype === 'INT64') return { int64Contents: elements.map(BigInt) };
  if (datatype === 'UINT64') return { uint64Contents: elements.map(BigInt) };
  const numbers = elements.map(Number);
  if (datatype === 'FP32') return { fp32Contents: numbers };
  if (datatype === 'FP64') return { fp64Contents: numbers };
  return datatype.startsWith('INT') ? { intContents: numbers } : { uintContents: numbers };
}
