import { describe, expect, it } from 'vitest';
import { dataToJson, tensorFromJson } from './json-tensor.js';

describe('tensorFromJson', () => {
  it('reads flat and nested data alike', () => {
    const shape = [2, 3];
    const flat = tensorFromJson({ name: 'x', shape, datatype: 'FP32', data: [1, 2, 3, 4, 5, 6.5] });
    const nested = tensorFromJson({ name: 'x', shape, datatype: 'FP32', data: [[1, 2, 3], [4, 5, 6.5]] });
    expect(flat.data).toEqual(new Float32Array([1, 2, 3, 4, 5, 6.5]));
    expect(nested.data).toEqual(flat.data);
  });

  it.each([
    ['FP64', [0.1], new Float64Array([0.1])],
    ['INT64', [-9007199254740991], new BigInt64Array([-9007199254740991n])],
    ['UINT64', [7], new BigUint64Array([7n])],
    ['INT32', [-2147483648], new Int32Array([-2147483648])],
    ['INT16', [-1], new Int16Array([-1])],
    ['INT8', [127], new Int8Array([127])],
    ['UINT32', [4294967295], new Uint32Array([4294967295])],
    ['UINT16', [65535], new Uint16Array([65535])],
    ['UINT8', [255], new Uint8Array([255])],
    ['BOOL', [true], new Uint8Array([1])],
    ['BOOL', [0], new Uint8Array([0])],
    ['FP16', [-2], new Uint16Array([0xc000])],
    ['BYTES', ['\ufefftext'], ['\ufefftext']],
  ])('reads %s', (datatype, data, expected) => {
    expect(tensorFromJson({ name: 'x', shape: [1], datatype, data }).data).toEqual(expected);
  });

  it.each([
    ['FP32', 'text'],
    ['FP32', null],
    ['FP64', true],
    ['INT32', 1.5],
    ['INT32', 2147483648],
    ['UINT8', -1],
    ['INT64', 9007199254740992],
    ['UINT64', -1],
    ['BOOL', 2],
    ['FP32', 1e39],
    ['FP64', Infinity],
    ['FP16', 65520],
    ['BYTES', 1],
  ])('refuses as %s the value %s', (datatype, value) => {
    expect(() => tensorFromJson({ name: 'x', shape: [1], datatype, data: [value] })).toThrow(`input 'x' has a value at 0 that is no ${datatype}`);
  });

  it('refuses data of another shape', () => {
    const mismatch = /Shape does not match true shape/;
    expect(() => tensorFromJson({ name: 'x', shape: [2, 2], datatype: 'FP32', data: [1, 2, 3] })).toThrow(mismatch);
    expect(() => tensorFromJson({ name: 'x', shape: [2, 2], datatype: 'FP32', data: [[1, 2], [3]] })).toThrow(mismatch);
    expect(() => tensorFromJson({ name: 'x', shape: [2, 2], datatype: 'FP32', data: [[1, 2], 3] })).toThrow(mismatch);
    expect(() => tensorFromJson({ name: 'x', shape: [2, 2], datatype: 'FP32', data: [[1, 2], [3, 4], [5, 6]] })).toThrow(mismatch);
  });

  it('takes an empty batch and a scalar', () => {
    expect(tensorFromJson({ name: 'x', shape: [0, 4], datatype: 'FP32', data: [] }).data).toHaveLength(0);
    expect(tensorFromJson({ name: 'x', shape: [], datatype: 'FP32', data: [3] }).data).toEqual(new Float32Array([3]));
  });

  it('refuses what can’t be allocated before it allocates', () => {
    expect(() => tensorFromJson({ name: 'x', shape: [100_000, 100_000], datatype: 'FP32', data: [] })).toThrow('causes total element count to exceed maximum size of');
    expect(() => tensorFromJson({ name: 'x', shape: [-1, 2], datatype: 'FP32', data: [] })).toThrow("input 'x' needs a shape");
  });

  it('refuses datatypes that replicas don’t run', () => {
    expect(() => tensorFromJson({ name: 'x', shape: [1], datatype: 'BF16', data: [1] })).toThrow("datatype 'BF16', which is not supported; ONNX Runtime for Node");
    expect(() => tensorFromJson({ name: 'x', shape: [1], datatype: 'fp32', data: [1] })).toThrow("datatype 'fp32', which is not supported; supported are BOOL");
  });

  it('refuses texts that ONNX Runtime would change', () => {
    const texts = (...data: string[]) => () => tensorFromJson({ name: 'x', shape: [data.length], datatype: 'BYTES', data });
    expect(texts('a', 'he\0llo')).toThrow("input 'x': the text at 1 has a NUL character");
    expect(texts('\ud83d')).toThrow('half a surrogate pair');
    expect(texts('😀', '')).not.toThrow();
  });

  it('looks at nested data before it asks for memory', () => {
    const data = [[1], [2]];
    expect(() => tensorFromJson({ name: 'x', shape: [2, 2 ** 22], datatype: 'FP64', data })).toThrow(/Shape does not match/);
    expect(tensorFromJson({ name: 'x', shape: [2, 0, 3], datatype: 'FP64', data: [[], []] }).data).toHaveLength(0);
  });
});

describe('dataToJson', () => {
  it('writes every digit of whole numbers', () => {
    expect(dataToJson({ name: 'y', datatype: 'INT64', shape: [1], data: new BigInt64Array([9007199254740993n]) })).toBe('[9007199254740993]');
    expect(dataToJson({ name: 'y', datatype: 'BOOL', shape: [2], data: new Uint8Array([1, 0]) })).toBe('[true,false]');
  });

  it('writes texts as they are', () => {
    expect(dataToJson({ name: 'y', datatype: 'BYTES', shape: [2], data: ['"', '\u2028'] })).toBe(JSON.stringify(['"', '\u2028']));
  });

  it('keeps the sign of zero', () => {
    expect(dataToJson({ name: 'y', datatype: 'FP32', shape: [3], data: new Float32Array([-0, 0.5, 0]) })).toBe('[-0,0.5,0]');
  });

  it('has no word for what is not finite', () => {
    expect(dataToJson({ name: 'y', datatype: 'FP32', shape: [1], data: new Float32Array([Number.NaN]) })).toBeUndefined();
  });

  it('writes what tensorFromJson reads back', () => {
    const tensor = tensorFromJson({ name: 'y', shape: [2], datatype: 'FP32', data: [0.1, 1e-30] });
    const again = tensorFromJson({ ...tensor, data: JSON.parse(dataToJson(tensor)!) });
    expect(again.data).toEqual(tensor.data);
  });
});
