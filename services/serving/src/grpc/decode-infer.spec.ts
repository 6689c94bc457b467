import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { inference } from '@cairn/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datatypes, type Datatype, type NumericDatatype } from '../tensor/datatype.js';
import { rawFromTensor } from '../tensor/raw-tensor.js';
import type { Tensor } from '../tensor/tensor.js';
import { decodeInfer } from './decode-infer.js';
import { encodeInfer } from './encode-infer.js';

const schema = inference.ModelInferRequestSchema;
type Request = MessageInitShape<typeof schema>;
type Input = NonNullable<Request['inputs']>[number];
type Contents = MessageInitShape<typeof inference.InferTensorContentsSchema>;

/** As it comes out of the bytes of the message. */
const decode = (request: Request) => decodeInfer(fromBinary(schema, toBinary(schema, create(schema, request))));
const input = (more: Partial<Input> = {}): Input => ({ name: 'x', datatype: 'FP32', shape: [2n], ...more }) as Input;
const raw = (...numbers: number[]): Uint8Array => new Uint8Array(new Float32Array(numbers).buffer);

const lists: Readonly<Record<Exclude<Datatype, 'FP16'>, keyof Contents>> = {
  BOOL: 'boolContents', INT8: 'intContents', INT16: 'intContents', INT32: 'intContents', INT64: 'int64Contents', UINT8: 'uintContents', UINT16: 'uintContents',
  UINT32: 'uintContents', UINT64: 'uint64Contents', FP32: 'fp32Contents', FP64: 'fp64Contents', BYTES: 'bytesContents',
};
const numeric = Object.keys(datatypes) as NumericDatatype[];
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));

/** Any tensor of a datatype: every bit pattern of floats, rank 0 to 3, lengths of 0. */
function tensors(datatype: Datatype): fc.Arbitrary<Tensor> {
  return fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }).chain((shape) => {
    const count = shape.reduce((product, length) => product * length, 1);
    if (datatype === 'BYTES') return fc.array(text, { minLength: count, maxLength: count }).map((data): Tensor => ({ name: 'x', datatype, shape, data }));
    const { elementBytes, view } = datatypes[datatype];
    const bytes = fc.uint8Array({ minLength: count * elementBytes, maxLength: count * elementBytes, ...(datatype === 'BOOL' && { max: 1 }) });
    return bytes.map((data): Tensor => ({ name: 'x', datatype, shape, data: view(Uint8Array.from(data).buffer) }));
  });
}

function contentsOf({ datatype, data }: Tensor): Contents {
  if (datatype === 'FP16') return {};
  const values = Array.from(data as Iterable<string | number | bigint>, (value) => {
    if (typeof value === 'string') return new Uint8Array(Buffer.from(value));
    return datatype === 'BOOL' ? value === 1 : value;
  });
  return { [lists[datatype]]: values };
}

describe('decodeInfer', () => {
  it.each([...numeric, 'BYTES'] as const)('reads the raw %s that encodeInfer writes', (datatype) => {
    fc.assert(
      fc.property(tensors(datatype), (tensor) => {
        const answer = { modelName: 'm', modelVersion: '1', parameters: {}, outputs: [tensor] };
        const asked = { id: 'mine', parameters: {}, inputs: [], outputs: undefined, binaryOutputs: true };
        const { outputs = [], rawOutputContents = [] } = encodeInfer(asked, answer);
        const { inputs } = decode({ modelName: 'm', inputs: outputs as Input[], rawInputContents: rawOutputContents });
        expect(inputs).toMatchObject([{ name: 'x', datatype, shape: tensor.shape }]);
        expect(rawFromTensor(inputs[0]!).equals(rawFromTensor(tensor))).toBe(true);
      }),
    );
  });

  it.each([...numeric.filter((datatype) => datatype !== 'FP16'), 'BYTES'] as const)('reads %s from its list of contents', (datatype) => {
    fc.assert(
      fc.property(tensors(datatype), (tensor) => {
        const { name, shape, data } = tensor;
        const { inputs } = decode({ inputs: [{ name, datatype, shape: shape.map(BigInt), contents: contentsOf(tensor) }] });
        // NaN has many bit patterns; as a number it is one.
        expect(inputs).toEqual([{ name, datatype, shape, data }]);
      }),
    );
  });

  it('reads the least and the greatest whole numbers of 64 bits', () => {
    const [least, greatest] = [-(2n ** 63n), 2n ** 63n - 1n];
    const signed = { name: 'x', datatype: 'INT64', shape: [2n], contents: { int64Contents: [least, greatest] } };
    const unsigned = { name: 'y', datatype: 'UINT64', shape: [2n], contents: { uint64Contents: [0n, 2n ** 64n - 1n] } };
    expect(decode({ inputs: [signed, unsigned] }).inputs.map(({ data }) => [...data])).toEqual([[least, greatest], [0n, 2n ** 64n - 1n]]);
  });

  it('reads id, outputs and parameters of every kind', () => {
    const { id, parameters, outputs } = decode({
      id: 'mine',
      inputs: [input()],
      rawInputContents: [raw(1, 2)],
      outputs: [{ name: 'y' }],
      parameters: {
        bool: { parameterChoice: { case: 'boolParam', value: false } },
        int64: { parameterChoice: { case: 'int64Param', value: -5n } },
        big: { parameterChoice: { case: 'uint64Param', value: 2n ** 64n - 1n } },
        text: { parameterChoice: { case: 'stringParam', value: '' } },
        double: { parameterChoice: { case: 'doubleParam', value: 0.25 } },
      },
    });
    expect(id).toBe('mine');
    expect(outputs).toMatchObject([{ name: 'y', binary: true }]);
    expect(parameters).toEqual({ bool: false, int64: -5, big: '18446744073709551615', text: '', double: 0.25 });
  });

  const flag = { parameterChoice: { case: 'boolParam', value: true } } as const;
  const twoRaw = { inputs: [input()], rawInputContents: [raw(1, 2)] };

  it.each<[string, Request, string]>([
    ['no inputs', {}, "Unable to parse 'inputs'"],
    ['raw and contents', { ...twoRaw, inputs: [input({ contents: { fp32Contents: [1, 2] } })] }, 'contents field must not be specified when using raw_input_contents'],
    ['too few raw tensors', { inputs: [input(), input({ name: 'y' })], rawInputContents: [raw(1, 2)] }, 'expected 2 raw_input_contents, one for each input, but got 1'],
    ['too many raw tensors', { inputs: [input()], rawInputContents: [raw(1, 2), raw(1)] }, 'expected 1 raw_input_contents'],
    ['too few bytes', { inputs: [input()], rawInputContents: [raw(1)] }, "unexpected size for input 'x', expecting 4 additional bytes"],
    ['too many bytes', { inputs: [input()], rawInputContents: [raw(1, 2, 3)] }, 'its shape needs 8 bytes, it has 12'],
    ['a negative length', { inputs: [input({ shape: [-1n] })], rawInputContents: [raw(1)] }, "input 'x' needs a shape"],
    ['lengths whose product overflows', { inputs: [input({ shape: [2n ** 32n, 2n ** 32n] })], rawInputContents: [raw(1)] }, 'causes total element count to exceed'],
    ['a length beyond 2^53', { inputs: [input({ shape: [2n ** 63n - 1n] })], rawInputContents: [raw(1)] }, "input 'x' needs a shape"],
    ['too many dimensions', { inputs: [input({ shape: new Array<bigint>(9).fill(1n) })], rawInputContents: [raw(1)] }, 'at most 8 whole numbers'],
    ['the same input twice', { inputs: [input(), input()], rawInputContents: [raw(1, 2), raw(1, 2)] }, "input 'x' already exists in request"],
    ['the same output twice', { inputs: [input()], rawInputContents: [raw(1, 2)], outputs: [{ name: 'y' }, { name: 'y' }] }, "output 'y' already exists in request"],
    ['neither raw nor contents', { inputs: [input()] }, "unexpected number of elements 0 for input 'x', expecting 2"],
    ['the wrong list', { inputs: [input({ contents: { fp64Contents: [1, 2] } })] }, "input 'x' has fp64_contents, but FP32 elements are sent as fp32_contents"],
    ['two lists', { inputs: [input({ contents: { fp32Contents: [1, 2], boolContents: [true] } })] }, "input 'x' has bool_contents"],
    ['FP16 that is not raw', { inputs: [input({ datatype: 'FP16', contents: { fp32Contents: [1, 2] } })] }, 'FP16 elements are sent as raw_input_contents'],
    ['FP16 without data', { inputs: [input({ datatype: 'FP16' })] }, 'FP16 elements are sent as raw_input_contents'],
    ['a value out of range', { inputs: [input({ datatype: 'INT8', contents: { intContents: [1, 128] } })] }, "input 'x' has a value at 1 that is no INT8"],
    ['BF16', { inputs: [input({ datatype: 'BF16' })], rawInputContents: [raw(1)] }, "datatype 'BF16', which is not supported"],
    ['bytes that are no text', { inputs: [input({ datatype: 'BYTES', shape: [1n], contents: { bytesContents: [Uint8Array.of(255)] } })] }, 'the text at 0 is not valid UTF-8'],
    ['a parameter without a value', { ...twoRaw, parameters: { a: {} } }, "parameter 'a' must be a string, a number or a boolean"],
    ['a reserved parameter', { ...twoRaw, parameters: { triton_x: flag } }, 'are reserved'],
    ['shared memory', { inputs: [input({ parameters: { shared_memory_region: flag } })] }, 'shared memory is not supported'],
  ])('refuses %s', (_what, request, message) => {
    expect(() => decode(request)).toThrow(message);
  });
});
