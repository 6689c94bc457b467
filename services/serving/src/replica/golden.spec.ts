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

  it.each([
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
