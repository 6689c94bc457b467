import { describe, expect, it } from 'vitest';
import { signatureOf } from './mlmodel-signature.js';

const mlmodel = (inputs: string, outputs = `'[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'`) => `
artifact_path: model
flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.12.1}
mlflow_version: 3.17.2
signature:
  inputs: ${inputs}
  outputs: ${outputs}
  params: null
`;

const longs = (count: number, name: (index: number) => string) => `'${JSON.stringify(Array.from({ length: count }, (_, index) => ({ type: 'long', name: name(index) })))}'`;

describe('the signature of an MLmodel file', () => {
  it('is read from columns and tensors', () => {
    const columns = `'[{"type": "double", "name": "sepal length", "required": true}, {"type": "long", "name": "petals", "required": true}]'`;
    expect(signatureOf(mlmodel(columns))).toEqual({
      inputs: [{ name: 'sepal length', datatype: 'FP64', shape: [-1n], columns: [] }, { name: 'petals', datatype: 'INT64', shape: [-1n], columns: [] }],
      outputs: [{ name: 'output', datatype: 'INT64', shape: [-1n], columns: [] }],
    });
    const tensor = `'[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 28, 28, 1]}, "name": "image"}]'`;
    expect(signatureOf(mlmodel(tensor, 'null'))).toEqual({ inputs: [{ name: 'image', datatype: 'FP32', shape: [-1n, 28n, 28n, 1n], columns: [] }], outputs: [] });
  });

  it.each([
    ['no signature', 'artifact_path: model'], ['no YAML', '{a: ]'], ['nothing', ''], ['a text', 'hello'], ['no JSON inside', mlmodel(`'[{'`)],
    ['a nested column', mlmodel(`'[{"type": "object", "name": "a", "properties": {}}]'`)],
    ['two of one name', mlmodel(`'[{"type":"long","name":"a"},{"type":"long","name":"a"}]'`)],
    ['a strange shape', mlmodel(`'[{"type":"tensor","tensor-spec":{"dtype":"float32","shape":[1.5]}}]'`)], ['a list', mlmodel('[1, 2]')],
    ['too many columns', mlmodel(longs(201, (index) => `c${index}`))],
    ['names that are too long together', mlmodel(longs(100, (index) => `${index}${'x'.repeat(200)}`))],
    ['aliases that grow', 'a: &a [x, x]\nb: &b [*a, *a]\nsignature: {inputs: *b}'],
  ])('is unknown for %s', (_, text) => {
    expect(signatureOf(text)).toBeUndefined();
  });
});
