import { describe, expect, it } from 'vitest';
import type { Tensor } from '../tensor/tensor.js';
import { classified } from './classification.js';

const scores: Tensor = { name: 'p', datatype: 'FP32', shape: [2, 3], data: new Float32Array([0.25, 0.5, 0.25, 1, Number.NaN, 2]) };
const spec = { name: 'p', datatype: 'FP32', shape: [-1, 3], columns: [] as string[] };
const asking = (name: string, classification: number | undefined) => ({
  id: '', parameters: {}, inputs: [], outputs: [{ name, binary: undefined, classification }], binaryOutputs: false,
});

describe('classified', () => {
  it('names the greatest of each row, greatest first', () => {
    const [classes] = classified([scores], asking('p', 2), [spec]);
    expect(classes).toEqual({ name: 'p', datatype: 'BYTES', shape: [2, 2], data: ['0.500000:1', '0.250000:0', '2.000000:2', '1.000000:0'] });
    expect(classified([scores], asking('p', 9), [spec])[0]?.shape).toEqual([2, 3]);
  });

  it('adds labels, and leaves whole numbers whole', () => {
    const votes: Tensor = { name: 'p', datatype: 'INT64', shape: [1, 2], data: new BigInt64Array([-1n, 2n ** 60n]) };
    expect(classified([votes], asking('p', 1), [{ ...spec, columns: ['ham', 'spam'] }])[0]?.data).toEqual(['1152921504606846976:1:spam']);
  });

  it('takes what is not by row as one row', () => {
    const single: Tensor = { name: 'p', datatype: 'FP16', shape: [2], data: new Uint16Array([0x3c00, 0x4000]) };
    expect(classified([single], asking('p', 1), [{ ...spec, shape: [2] }])[0]).toMatchObject({ shape: [1], data: ['2.000000:1'] });
  });

  it('leaves alone what was not asked for so, and refuses texts', () => {
    expect(classified([scores], asking('p', undefined), [spec])).toEqual([scores]);
    expect(classified([scores], asking('q', 1), [spec])).toEqual([scores]);
    expect(() => classified([{ ...scores, datatype: 'BYTES', data: ['a'] }], asking('p', 1), [spec])).toThrow('holds texts');
  });
});
