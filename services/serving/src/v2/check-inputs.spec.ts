import { describe, expect, it } from 'vitest';
import { checkInputs, rowsOf } from './check-inputs.js';
import type { InferRequest } from './infer-request.js';
import { MAX_ROWS } from '../deployment/domain/batching.js';

const model = {
  inputs: [{ name: 'a', datatype: 'FP32', shape: [-1, 2] }, { name: 'b', datatype: 'FP32', shape: [-1, 1] }],
  outputs: [{ name: 'p', datatype: 'FP32', shape: [-1, 1] }],
};
const input = (name: string, shape: number[]) => ({ name, datatype: 'FP32' as const, shape, data: new Float32Array(shape.reduce((x, y) => x * y, 1)) });
const request = (inputs: InferRequest['inputs'], outputs?: InferRequest['outputs']): InferRequest => ({ id: '', parameters: {}, inputs, outputs, binaryOutputs: false });
const check = (inputs: InferRequest['inputs'], outputs?: InferRequest['outputs']) => () => checkInputs(request(inputs, outputs), 'm', model, MAX_ROWS);

describe('checkInputs', () => {
  it('accepts what the model takes, in any order', () => {
    expect(check([input('b', [3, 1]), input('a', [3, 2])], [{ name: 'p', binary: undefined }])).not.toThrow();
  });

  it('speaks as Triton does about what it refuses', () => {
    expect(check([input('c', [1, 2])])).toThrow("unexpected inference input 'c' for model 'm'");
    expect(check([{ ...input('a', [1, 2]), datatype: 'INT32', data: new Int32Array(2) }])).toThrow(
      "inference input 'a' data-type is 'INT32', but model 'm' expects 'FP32'",
    );
    expect(check([input('a', [1, 3])])).toThrow("unexpected shape for input 'a' for model 'm'. Expected [-1,2], got [1,3]");
    expect(check([input('a', [1, 2])])).toThrow("expected 2 inputs but got 1 inputs for model 'm'. Missing required input(s) ['b']");
    expect(check([input('a', [2, 2]), input('b', [1, 1])])).toThrow("input 'b' batch size does not match other inputs for 'm'");
    expect(check([input('a', [1, 2]), input('b', [1, 1])], [{ name: 'q', binary: undefined }])).toThrow("unexpected inference output 'q' for model 'm'");
    expect(check([input('a', [MAX_ROWS + 1, 2]), input('b', [MAX_ROWS + 1, 1])])).toThrow("inference request batch-size must be <= 16384 for 'm'");
  });

  it('counts rows only where every input of the model does', () => {
    const table = { inputs: [{ name: 'a', datatype: 'FP32', shape: [2, 2] }, { name: 'b', datatype: 'FP32', shape: [] }], outputs: model.outputs };
    const one = request([input('a', [2, 2]), input('b', [])]);
    expect(() => checkInputs(one, 'm', table, 1)).not.toThrow();
    expect(rowsOf(one, table.inputs)).toBe(1);
    expect(rowsOf(request([input('a', [3, 2])]), model.inputs)).toBe(3);
  });
});
