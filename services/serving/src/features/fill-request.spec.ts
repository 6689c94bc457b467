import { describe, expect, it } from 'vitest';
import type { Signature, SignatureTensor } from '../deployment/views/servable-version/signature.js';
import type { Tensor } from '../tensor/tensor.js';
import type { InferRequest } from '../v2/infer-request.js';
import { entityKeysOf } from './entity-keys.js';
import { fillRequest, type LookedUp } from './fill-request.js';

const spec = (name: string, datatype: string, shape: number[], columns: string[] = []): SignatureTensor => ({ name, datatype, shape, columns });
const signature = (...inputs: SignatureTensor[]): Signature => ({ inputs, outputs: [] });
const features = (datatype = 'FP32') => spec('features', datatype, [-1, 3], ['b', 'miles', 'a']);
const request = (...inputs: Tensor[]): InferRequest => ({ id: '', parameters: {}, inputs, outputs: undefined, binaryOutputs: false });
const keys: Tensor = { name: 'origin', datatype: 'BYTES', shape: [2], data: ['ORD', 'SFO'] };
const miles: Tensor = { name: 'miles', datatype: 'INT64', shape: [2, 1], data: BigInt64Array.of(100n, 200n) };
const looked: LookedUp = { rows: 2, entities: ['origin'], columns: new Map([['a', [0.5, 0.25]], ['b', [1, 2]]]) };
const fill = (sent: InferRequest, to: Signature) => fillRequest(sent, to, looked, 'm').inputs;

describe('a request that names entities', () => {
  it('is filled in the order of the signature, with what was looked up and what it brings itself', () => {
    expect(fill(request(keys, miles), signature(features()))).toEqual([
      { name: 'features', datatype: 'FP32', shape: [2, 3], data: Float32Array.of(1, 100, 0.5, 2, 200, 0.25) },
    ]);
  });

  it('fills inputs of single numbers, in their datatype, and keeps those that it has', () => {
    const single = signature(spec('a', 'FP64', [-1]), spec('b', 'INT64', [-1, 1]), spec('text', 'BYTES', [-1]));
    const text: Tensor = { name: 'text', datatype: 'BYTES', shape: [2], data: ['x', 'y'] };
    expect(fill(request(text, keys), single)).toEqual([
      { name: 'a', datatype: 'FP64', shape: [2], data: Float64Array.of(0.5, 0.25) },
      { name: 'b', datatype: 'INT64', shape: [2, 1], data: BigInt64Array.of(1n, 2n) },
      text,
    ]);
    const own: Tensor = { name: 'a', datatype: 'FP64', shape: [2], data: Float64Array.of(7, 8) };
    expect(fill(request(keys, own), signature(spec('a', 'FP64', [-1])))).toEqual([own]);
  });

  it('leaves in what it has no use for, and out what it can’t fill: both are refused like anywhere else', () => {
    const odd: Tensor = { ...miles, name: 'odd' };
    expect(fill(request(keys, odd), signature(spec('image', 'FP32', [-1, 3, 3])))).toEqual([odd]);
  });

  it('refuses columns that nobody has, of other lengths, and of another kind', () => {
    const refused = (sent: InferRequest, to: Signature, why: RegExp) =>
      expect(() => fill(sent, to)).toThrow(expect.objectContaining({ name: 'V2Error', status: 400, message: expect.stringMatching(why) }));
    refused(request(keys), signature(features()), /column 'miles' of input 'features' is not looked up/);
    refused(request(keys, { ...miles, shape: [1], data: BigInt64Array.of(1n) }), signature(features()), /'miles' batch size/);
    refused(request(keys, { ...miles, shape: [1, 2] }), signature(features()), /unexpected shape for input 'miles'/);
    refused(request(keys, { ...keys, name: 'miles' }), signature(features()), /column of numbers/);
    refused(request(keys, miles), signature(features('INT32')), /no INT32/);
  });
});

describe('keys of a request', () => {
  const keysOf = (sent: InferRequest, entities = ['origin']) => entityKeysOf(sent, entities, 'm');

  it('are texts, and whole numbers as their digits', () => {
    const users: Tensor = { name: 'user', datatype: 'INT64', shape: [2, 1], data: BigInt64Array.of(9_007_199_254_740_993n, -1n) };
    expect(keysOf(request(keys, users, miles), ['origin', 'user'])).toEqual({
      rows: 2, keys: new Map([['origin', ['ORD', 'SFO']], ['user', ['9007199254740993', '-1']]]),
    });
  });

  it.each([
    ['a missing one', request(miles), /'origin' is missing/],
    ['fractions', request({ name: 'origin', datatype: 'FP32', shape: [1], data: Float32Array.of(1) }), /BYTES or whole numbers, not FP32/],
    ['more than one for a row', request({ ...keys, shape: [1, 2] }), /unexpected shape/],
    ['a long one', request({ ...keys, data: ['ORD', 'x'.repeat(2_001)] }), /key at 1 has more than 2000/],
  ])('refuse %s', (_, sent, why) => {
    expect(() => keysOf(sent)).toThrow(expect.objectContaining({ status: 400, message: expect.stringMatching(why) }));
  });

  it('refuse other numbers of rows', () => {
    expect(() => keysOf(request(keys, { ...keys, name: 'destination', shape: [1], data: ['ORD'] }), ['origin', 'destination'])).toThrow(/batch size/);
  });
});
