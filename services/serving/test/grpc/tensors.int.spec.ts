import type { MessageInitShape } from '@bufbuild/protobuf';
import type { inference } from '@cairn/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datatypes, type Datatype, type NumericDatatype } from '../../src/tensor/datatype.js';
import { rawFromTensor } from '../../src/tensor/raw-tensor.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import { startServing, type Serving } from '../support/serving.js';
import { deployIdentity } from '../support/v2-client.js';
import { GrpcClient, methods, type InferRequestShape } from './grpc-client.js';

const all: readonly Datatype[] = [...(Object.keys(datatypes) as NumericDatatype[]), 'BYTES'];
const NOT_RAW: Readonly<Record<string, MessageInitShape<typeof inference.InferTensorContentsSchema>>> = {
  BOOL: { boolContents: [true, false] },
  UINT8: { uintContents: [0, 255] },
  UINT16: { uintContents: [0, 65_535] },
  UINT32: { uintContents: [0, 4_294_967_295] },
  UINT64: { uint64Contents: [0n, 2n ** 64n - 1n] },
  INT8: { intContents: [-128, 127] },
  INT16: { intContents: [-32_768, 32_767] },
  INT32: { intContents: [-2_147_483_648, 2_147_483_647] },
  INT64: { int64Contents: [-(2n ** 63n), 2n ** 63n - 1n] },
  FP32: { fp32Contents: [Number.NaN, -Infinity] },
  FP64: { fp64Contents: [5e-324, -0] },
  BYTES: { bytesContents: [new Uint8Array(), new Uint8Array(Buffer.from('Zürich 東京'))] },
};

let serving: Serving;
let client: GrpcClient;

/** Two elements, of numbers every bit pattern that matters. */
function tensorOf(datatype: Datatype): Tensor {
  const known = { name: datatype, datatype, shape: [2] };
  if (datatype === 'BYTES') return { ...known, data: ['', 'Zürich 東京'] };
  const { elementBytes, view } = datatypes[datatype];
  const bytes = datatype === 'BOOL' ? [1, 0] : Array.from({ length: 2 * elementBytes }, (_, index) => (index < elementBytes ? 0xff : index));
  return { ...known, data: view(Uint8Array.from(bytes).buffer) };
}

const ask = (model: string, inputs: InferRequestShape['inputs'], raw: readonly Uint8Array[]): Promise<inference.ModelInferResponse> =>
  client.ask(methods.modelInfer, { modelName: model, modelVersion: '1', ...(inputs && { inputs }), rawInputContents: [...raw] });

const bytesOf = ({ rawOutputContents }: inference.ModelInferResponse): Buffer[] => rawOutputContents.map((raw) => Buffer.from(raw));

beforeAll(async () => {
  serving = await startServing();
  client = GrpcClient.of(serving);
  await Promise.all([
    deployIdentity(serving, 'all', all.map((datatype) => ({ name: datatype, datatype, shape: [-1] }))),
    deployIdentity(serving, 'contents', Object.keys(NOT_RAW).map((datatype) => ({ name: datatype, datatype, shape: [-1] }))),
    deployIdentity(serving, 'scalars', [{ name: 'number', datatype: 'FP64', shape: [] }, { name: 'text', datatype: 'BYTES', shape: [] }]),
  ]);
});

afterAll(async () => {
  client.close();
  await serving.close();
});

describe('a model that gives back what it is given', () => {
  it('gives raw tensors of every datatype back bit for bit', async () => {
    const tensors = all.map(tensorOf);
    const answer = await ask('all', tensors.map(({ name, datatype }) => ({ name, datatype, shape: [2n] })), tensors.map(rawFromTensor));
    expect(answer.outputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual(all.map((datatype) => [`${datatype}_out`, datatype, [2n]]));
    expect(bytesOf(answer)).toEqual(tensors.map((tensor) => Buffer.from(rawFromTensor(tensor))));
  });

  it('gives tensors without elements back', async () => {
    const answer = await ask('all', all.map((datatype) => ({ name: datatype, datatype, shape: [0n] })), all.map(() => new Uint8Array()));
    expect(answer.outputs.map(({ shape }) => shape)).toEqual(all.map(() => [0n]));
    expect(bytesOf(answer).map(({ length }) => length)).toEqual(all.map(() => 0));
  });

  it('gives contents of every datatype that has a list back raw', async () => {
    const answer = await ask('contents', Object.entries(NOT_RAW).map(([name, contents]) => ({ name, datatype: name, shape: [2n], contents })), []);
    const raw = Object.fromEntries(answer.outputs.map(({ name }, index) => [name, Buffer.from(answer.rawOutputContents[index] ?? [])]));
    expect(raw['INT64_out']?.readBigInt64LE(8)).toBe(2n ** 63n - 1n);
    expect(raw['UINT64_out']?.readBigUInt64LE(8)).toBe(2n ** 64n - 1n);
    expect(raw['INT8_out']?.readInt8(0)).toBe(-128);
    expect(raw['FP32_out']?.readFloatLE(0)).toBeNaN();
    expect(raw['FP64_out']?.readDoubleLE(0)).toBe(5e-324);
    expect(raw['BOOL_out']).toEqual(Buffer.from([1, 0]));
    expect(raw['BYTES_out']?.subarray(8).toString()).toBe('Zürich 東京');
  });

  it('gives scalars back, raw and typed', async () => {
    const number = { name: 'number', datatype: 'FP64', shape: [] };
    const text = { name: 'text', datatype: 'BYTES', shape: [] };
    const raw = [Buffer.from(new Float64Array([0.1]).buffer), Buffer.from([1, 0, 0, 0, 0x61])];
    const answers = [
      await ask('scalars', [number, text], raw),
      await ask('scalars', [{ ...number, contents: { fp64Contents: [0.1] } }, { ...text, contents: { bytesContents: [new Uint8Array([0x61])] } }], []),
    ];
    for (const answer of answers) {
      expect(answer.outputs.map(({ shape }) => shape)).toEqual([[], []]);
      expect(bytesOf(answer)).toEqual(raw);
    }
  });
});
