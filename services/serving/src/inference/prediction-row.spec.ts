import { describe, expect, it } from 'vitest';
import type { Tensor } from '../tensor/tensor.js';
import { featureLayout, featuresOf } from './feature-layout.js';
import { fallbackOutput, predictionsOf } from './predictions.js';

const fp32 = (name: string, shape: number[], values: number[]): Tensor => ({ name, datatype: 'FP32', shape, data: new Float32Array(values) });
const int64 = (name: string, shape: number[], values: bigint[]): Tensor => ({ name, datatype: 'INT64', shape, data: new BigInt64Array(values) });
const spec = (name: string, shape: number[], columns: string[] = [], datatype = 'FP32') => ({ name, datatype, shape, columns });

describe('featureLayout', () => {
  it('takes named columns and single values, and leaves out the rest', () => {
    const signature = { inputs: [spec('features', [-1, 2], ['a', 'b']), spec('hour', [-1, 1], [], 'INT64'), spec('image', [-1, 28, 28])], outputs: [] };
    const layout = featureLayout(signature);
    expect(layout.columns).toEqual(['a', 'b', 'hour']);
    const inputs = [int64('hour', [2, 1], [7n, 8n]), fp32('features', [2, 2], [1, 2, 3, 4])];
    expect(featuresOf(layout, inputs, 2)).toEqual(new Float64Array([1, 2, 7, 3, 4, 8]));
  });

  it('copies one input as it is', () => {
    const layout = featureLayout({ inputs: [spec('features', [-1, 2], ['a', 'b'])], outputs: [] });
    const input = fp32('features', [2, 2], [1, 2, 3, 4]);
    const features = featuresOf(layout, [input], 2);
    (input.data as Float32Array).fill(0);
    expect(features).toEqual(new Float64Array([1, 2, 3, 4]));
  });

  it('leaves texts out, and everything where inputs do not count the same rows', () => {
    expect(featureLayout({ inputs: [spec('city', [-1], [], 'BYTES'), spec('hour', [-1])], outputs: [] }).columns).toEqual(['hour']);
    expect(featureLayout({ inputs: [spec('table', [5]), spec('hour', [])], outputs: [] }).columns).toEqual([]);
  });

  it('reads halves', () => {
    const layout = featureLayout({ inputs: [spec('n', [-1], [], 'FP16')], outputs: [] });
    expect(featuresOf(layout, [{ name: 'n', datatype: 'FP16', shape: [2], data: new Uint16Array([0x3c00, 0xc000]) }], 2)).toEqual(new Float64Array([1, -2]));
  });

  it('reads whole numbers of 64 bits', () => {
    const layout = featureLayout({ inputs: [spec('n', [-1], [], 'INT64')], outputs: [] });
    expect(featuresOf(layout, [int64('n', [2], [5n, -6n])], 2)).toEqual(new Float64Array([5, -6]));
  });
});

describe('predictionsOf', () => {
  it('takes the only value of a row', () => {
    expect(predictionsOf([fp32('p', [2, 1], [0.25, 0.5])], 2)).toEqual({ values: new Float64Array([0.25, 0.5]), nonFinite: 0 });
  });

  it('takes the last class of the first floating-point output', () => {
    const outputs = [int64('label', [2], [0n, 1n]), fp32('p', [2, 2], [0.75, 0.25, 0.5, 0.5])];
    expect(predictionsOf(outputs, 2).values).toEqual(new Float64Array([0.25, 0.5]));
  });

  it('is no number where there are texts alone', () => {
    const texts: Tensor = { name: 'label', datatype: 'BYTES', shape: [2], data: ['1', '2'] };
    expect(predictionsOf([texts], 2)).toEqual({ values: new Float64Array([Number.NaN, Number.NaN]), nonFinite: 0 });
    expect(predictionsOf([texts, int64('n', [2], [3n, 4n])], 2).values).toEqual(new Float64Array([3, 4]));
  });

  it('reads halves', () => {
    const halves: Tensor = { name: 'p', datatype: 'FP16', shape: [2], data: new Uint16Array([0x3800, 0x7c00]) };
    expect(predictionsOf([halves], 2)).toEqual({ values: new Float64Array([0.5, Infinity]), nonFinite: 1 });
  });

  it('counts what is not finite in any output', () => {
    expect(predictionsOf([fp32('p', [2, 1], [0.25, Number.NaN]), fp32('q', [2, 1], [Infinity, 1])], 2).nonFinite).toBe(2);
  });
});

describe('fallbackOutput', () => {
  it('has the shape of the output that will replace it', () => {
    expect(fallbackOutput([spec('probability', [-1, 1])], 0.25, 3)).toEqual(fp32('probability', [3, 1], [0.25, 0.25, 0.25]));
    expect(fallbackOutput([spec('label', [-1], [], 'INT64')], 1, 2)).toEqual(int64('label', [2], [1n, 1n]));
  });

  it('is a column of doubles while nothing is known', () => {
    expect(fallbackOutput([], 0.25, 2)).toEqual({ name: 'prediction', datatype: 'FP64', shape: [2, 1], data: new Float64Array([0.25, 0.25]) });
  });
});
