import { describe, expect, it } from 'vitest';
import type { Tensor } from '../tensor/tensor.js';
import { joinInputs, splitOutputs } from './batch-tensors.js';

const texts = (...data: string[]): Tensor => ({ name: 't', datatype: 'BYTES', shape: [data.length / 2, 2], data });
const halves = (...bits: number[]): Tensor => ({ name: 'h', datatype: 'FP16', shape: [bits.length], data: new Uint16Array(bits) });

describe('requests of one run', () => {
  it('are put together and taken apart, texts and halves too', () => {
    const requests = [[texts('a', 'b'), halves(1)], [texts('c', 'd', 'e', 'f'), halves(2, 3)]];
    const joined = joinInputs(requests);
    expect(joined).toEqual([texts('a', 'b', 'c', 'd', 'e', 'f'), halves(1, 2, 3)]);
    expect(splitOutputs(joined, [1, 2])).toEqual(requests);
  });
});
