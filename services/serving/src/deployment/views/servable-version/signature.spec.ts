import { describe, expect, it } from 'vitest';
import { signatureDifference, signatureOf, signatureProblem, type Signature } from './signature.js';

const output = { name: 'probability', datatype: 'FP32', shape: [-1, 1], columns: [] };
const input = (columns: string[], shape = [-1, columns.length]) => ({ name: 'features', datatype: 'FP32', shape, columns });
const signature = (...inputs: Signature['inputs'][number][]): Signature => ({ inputs, outputs: [output] });

describe('signatureOf', () => {
  it('turns the event’s shape into numbers', () => {
    const tensor = { name: 'features', datatype: 'FP32', shape: [-1n, 2n], columns: ['a', 'b'] };
    expect(signatureOf({ inputs: [tensor], outputs: [] })).toEqual({ inputs: [input(['a', 'b'])], outputs: [] });
    expect(signatureOf(undefined)).toEqual({ inputs: [], outputs: [] });
  });
});

describe('signatureDifference', () => {
  const named = (name: string) => ({ ...input(['a', 'b']), name });

  it('is none between models that take the same requests, whatever the order of their tensors', () => {
    expect(signatureDifference(signature(named('x'), named('y')), signature(named('y'), named('x')))).toBeUndefined();
    expect(signatureDifference(signature(input(['a', 'b'])), signature(input([], [-1, 2])))).toBeUndefined();
  });

  it('is a tensor that one lacks, of another form, or with other columns', () => {
    const pair = signature(input(['a', 'b']));
    expect(signatureDifference(pair, signature(input(['a', 'b']), named('more')))).toBe('only one of both has an input more.');
    expect(signatureDifference(pair, signature(input([], [-1, 3])))).toBe('input features is FP32 [-1, 2] there and FP32 [-1, 3] here.');
    expect(signatureDifference(pair, signature({ ...input(['a', 'b']), datatype: 'FP64' }))).toContain('FP64 [-1, 2] here');
    expect(signatureDifference(pair, signature(input(['b', 'a'])))).toBe('input features has other columns, or in another order.');
    expect(signatureDifference(pair, { ...pair, outputs: [{ ...output, name: 'score' }] })).toContain('an output probability');
  });
});

describe('signatureProblem', () => {
  it('has none with what replicas can serve', () => {
    expect(signatureProblem(signature(input(['a', 'b'])))).toBeUndefined();
    expect(signatureProblem(signature(input([], [-1, 3, 4])))).toBeUndefined();
  });

  it('says what is wrong', () => {
    expect(signatureProblem({ inputs: [], outputs: [output] })).toContain('names no inputs');
    expect(signatureProblem(signature({ ...input(['a']), datatype: 'BF16' }))).toContain('datatype BF16');
    expect(signatureProblem(signature(input(['a', 'b'], [-1, 3])))).toContain('names 2 columns');
    expect(signatureProblem(signature(input(['time'])))).toContain('column time of its own');
    expect(signatureProblem(signature(input(['a', 'a'])))).toContain('same name');
  });
});
