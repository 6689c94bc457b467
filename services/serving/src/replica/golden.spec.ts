import { describe, expect, it } from 'vitest';
import type { Tensor } from '../tensor/tensor.js';
import { maxDifference, parseGolden } from './golden.js';

const fp32 = (...values: number[]): Tensor => ({ name: 'p', datatype: 'FP32', shape: [values.length], data: new Float32Array(values) });

describe('parseGolden', () => {
  const tensor = { name: 'p', shape: [1], datatype: 'FP32', data: [0.5] };

  it('reads tensors and tolerance', () => {
    const golden = parseGolden(Buffer.from(JSON.stringify({ inputs: [tensor], outputs: [tensor], tolerance: 1e-6 })));
    expect(golden).toEqual({ inputs: [fp32(0.5)], outputs: [fp32(0.5)], tolerance: 1e-6 });
  });

  it('reads raw tensors, bit for bit', () => {
    const raw = (datatype: string, data: NodeJS.TypedArray) => ({ name: 'p', shape: [data.length], datatype, raw_data: Buffer.from(data.buffer).toString('base64') });
    const values = new Float32Array([Number.NaN, -0, Infinity, 0.1]);
    const golden = parseGolden(Buffer.from(JSON.stringify({ inputs: [raw('FP32', values)], outputs: [raw('FP16', new Uint16Array([0x3c01]))] })));
    expect(golden.inputs[0]?.data).toEqual(values);
    expect(golden.outputs).toEqual([{ name: 'p', shape: [1], datatype: 'FP16', data: new Uint16Array([0x3c01]) }]);
  });

  it('reads an image and refuses as many values in JSON', () => {
    const image = new Float32Array(3 * 1024 * 1024).fill(0.5);
    const raw = { name: 'image', shape: [1, 3, 1024, 1024], datatype: 'FP32', raw_data: Buffer.from(image.buffer).toString('base64') };
    expect(parseGolden(Buffer.from(JSON.stringify({ inputs: [raw], outputs: [tensor] }))).inputs[0]?.data).toHaveLength(image.length);
    const inJson = { name: 'image', shape: [600_000], datatype: 'FP32', data: new Array(600_000).fill(1) };
    expect(() => parseGolden(Buffer.from(JSON.stringify({ inputs: [inJson], outputs: [tensor] })))).toThrow('give them as raw_data');
  });

  it.each([
    [JSON.stringify({ inputs: [{ ...tensor, raw_data: 'AAAA' }], outputs: [tensor] }), 'raw_data'],
    [JSON.stringify({ inputs: [{ name: 'p', shape: [1], datatype: 'FP32', raw_data: 'AAA=' }], outputs: [tensor] }), 'expecting 2 additional bytes'],
    ['{', 'not valid JSON'],
    ['null', 'needs inputs'],
    [JSON.stringify({ inputs: [tensor] }), 'needs outputs'],
    [JSON.stringify({ inputs: [{}], outputs: [tensor] }), 'inputs without a name'],
    [JSON.stringify({ inputs: [tensor], outputs: [tensor], tolerance: -1 }), 'tolerance'],
    [JSON.stringify({ inputs: [{ ...tensor, data: [1, 2] }], outputs: [tensor] }), 'Shape does not match'],
  ])('refuses %s', (text, message) => {
    expect(() => parseGolden(Buffer.from(text))).toThrow(message);
  });
});

describe('maxDifference', () => {
  it('is the largest of all values', () => {
    expect(maxDifference([fp32(1, 2, 3)], [fp32(1, 2.5, 3.25)])).toBe(0.5);
  });

  it('is infinite where the answers can’t be compared', () => {
    expect(maxDifference([fp32(1)], [])).toBe(Infinity);
    expect(maxDifference([fp32(1)], [fp32(1, 2)])).toBe(Infinity);
    expect(maxDifference([fp32(1)], [{ ...fp32(1), datatype: 'FP64', data: new Float64Array([1]) }])).toBe(Infinity);
    expect(maxDifference([fp32(1)], [fp32(Number.NaN)])).toBe(Infinity);
  });

  it('knows texts and halves', () => {
    const texts = (...data: string[]): Tensor => ({ name: 't', datatype: 'BYTES', shape: [data.length], data });
    expect(maxDifference([texts('a', 'b')], [texts('a', 'b')])).toBe(0);
    expect(maxDifference([texts('a', 'b')], [texts('a', 'c')])).toBe(Infinity);
    const halves = (...bits: number[]): Tensor => ({ name: 'h', datatype: 'FP16', shape: [bits.length], data: new Uint16Array(bits) });
    expect(maxDifference([halves(0x3c00)], [halves(0x3c01)])).toBe(2 ** -10);
  });

  it('is zero where both are no number alike', () => {
    expect(maxDifference([fp32(Number.NaN, Infinity)], [fp32(Number.NaN, Infinity)])).toBe(0);
  });
});
