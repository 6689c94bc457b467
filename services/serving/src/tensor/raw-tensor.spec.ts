import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawFromTensor, tensorFromRaw } from './raw-tensor.js';
import type { Tensor } from './tensor.js';
import { bytesFromTexts } from './text.js';

const read = (datatype: string, shape: unknown, raw: Uint8Array) => tensorFromRaw({ name: 'x', datatype, shape, raw });

describe('tensorFromRaw', () => {
  it('copies, wherever the bytes begin', () => {
    const body = Buffer.from([9, ...new Uint8Array(new Float64Array([0.1, -2]).buffer)]);
    const tensor = read('FP64', [2], body.subarray(1));
    body.fill(0);
    expect(tensor.data).toEqual(new Float64Array([0.1, -2]));
  });

  it('reads scalars and what has no elements', () => {
    expect(read('INT16', [], Buffer.from([0xff, 0xff])).data).toEqual(new Int16Array([-1]));
    expect(read('FP32', [3, 0], Buffer.alloc(0)).data).toEqual(new Float32Array(0));
    expect(read('BYTES', [0], Buffer.alloc(0)).data).toEqual([]);
    expect(read('BYTES', [], Buffer.from([1, 0, 0, 0, 0x61])).data).toEqual(['a']);
  });

  it('gives back any texts', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))), (texts) => {
        const tensor: Tensor = { name: 'x', datatype: 'BYTES', shape: [texts.length], data: texts };
        expect(read('BYTES', [texts.length], rawFromTensor(tensor))).toEqual(tensor);
      }),
    );
  });

  it.each([
    ['FP32', [2], 7, 'expecting 1 additional bytes'],
    ['FP32', [2], 9, 'its shape needs 8 bytes, it has 9'],
    ['FP32', [-1], 4, 'needs a shape'],
    ['FP32', [2 ** 40], 4, 'causes total element count to exceed'],
    ['FP32', 'x', 4, 'needs a shape'],
    ['BF16', [1], 2, "datatype 'BF16', which is not supported"],
    ['BYTES', [2 ** 24], 4, 'elements need more than 4 bytes'],
  ])('refuses %s of the shape %j with %i bytes', (datatype, shape, bytes, message) => {
    expect(() => read(datatype, shape, Buffer.alloc(bytes))).toThrow(message);
  });

  it('refuses a BOOL that is neither', () => {
    expect(() => read('BOOL', [2], Buffer.from([1, 2]))).toThrow('no BOOL');
  });

  it.each([
    [[5, 0, 0, 0, 0x61], 'element 0 is longer than what is left'],
    [[0xff, 0xff, 0xff, 0xff, 0x61], 'element 0 is longer than what is left'],
    [[...bytesFromTexts(['a']), 0], '1 bytes are left after its 1 elements'],
    [[1, 0, 0, 0, 0xff], 'the text at 0 is not valid UTF-8'],
    [[3, 0, 0, 0, 0xed, 0xa0, 0x80], 'the text at 0 is not valid UTF-8'],
    [[2, 0, 0, 0, 0x61, 0], 'the text at 0 has a NUL character'],
  ])('refuses the BYTES %j', (bytes, message) => {
    expect(() => read('BYTES', [1], Buffer.from(bytes))).toThrow(message);
  });
});
