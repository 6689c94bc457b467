import { describe, expect, it } from 'vitest';
import { decodeRequest } from './decode-request.js';
import { DEFAULT_MAX_JSON_BYTES } from './limits.js';
import { V2Error } from './v2-error.js';

const features = { name: 'features', shape: [2, 2], datatype: 'FP32', data: [1, 2, 3, 4] };
const json = (request: unknown) => Buffer.from(JSON.stringify(request));
const decode = (request: unknown) => decodeRequest(json(request), undefined);

function withRaw(request: unknown, ...raw: (Float32Array | BigInt64Array)[]) {
  const head = json(request);
  return decodeRequest(Buffer.concat([head, ...raw.map((data) => Buffer.from(data.buffer))]), String(head.length));
}

const announced = (name: string, bytes: number, datatype = 'FP32') => ({ name, shape: [1, 2], datatype, parameters: { binary_data_size: bytes } });

describe('decodeRequest', () => {
  it('reads JSON tensors, id and parameters', () => {
    const request = decode({ id: 'a', parameters: { key: 'k', n: 1, flag: true }, inputs: [features] });
    expect(request.id).toBe('a');
    expect(request.parameters).toEqual({ key: 'k', n: 1, flag: true });
    expect(request.inputs[0]?.data).toEqual(new Float32Array([1, 2, 3, 4]));
    expect(request.outputs).toBeUndefined();
    expect(request.binaryOutputs).toBe(false);
  });

  it('reads raw tensors behind the JSON, beside JSON tensors', () => {
    const request = withRaw(
      { inputs: [announced('a', 8), features, announced('b', 16, 'INT64')], parameters: { binary_data_output: true } },
      new Float32Array([0.5, 1.5]),
      new BigInt64Array([1n, -1n]),
    );
    expect(request.inputs.map(({ data }) => data)).toEqual([new Float32Array([0.5, 1.5]), new Float32Array([1, 2, 3, 4]), new BigInt64Array([1n, -1n])]);
    expect(request.binaryOutputs).toBe(true);
  });

  it('reads which outputs are wanted, and how', () => {
    const outputs = [{ name: 'p', parameters: { binary_data: true } }, { name: 'q', parameters: { classification: 2 } }];
    expect(decode({ inputs: [features], outputs }).outputs).toEqual([
      { name: 'p', binary: true, classification: undefined },
      { name: 'q', binary: undefined, classification: 2 },
    ]);
  });

  it.each([
    ['{', 'failed to parse the request JSON buffer'],
    ['[]', 'an object is expected'],
    ['{}', "Unable to parse 'inputs'"],
    ['{"inputs":[{"shape":[1]}]}', 'every input needs a name'],
    ['{"inputs":[],"id":1}', "Unable to parse 'id'"],
    ['{"inputs":[],"parameters":[]}', "Unable to parse 'parameters'"],
    ['{"inputs":[],"parameters":{"triton_x":1}}', "starting with 'triton_' are reserved"],
    ['{"inputs":[],"parameters":{"x":null}}', "parameter 'x' must be"],
  ])('refuses %s', (body, message) => {
    expect(() => decodeRequest(Buffer.from(body), undefined)).toThrow(message);
  });

  it('takes halves raw alone', () => {
    const halves = { name: 'h', shape: [2], datatype: 'FP16' };
    expect(() => decode({ inputs: [{ ...halves, data: [1, 2] }] })).toThrow('receiving FP16 data via JSON is not supported. Please use the binary data format for input h');
    const raw = withRaw({ inputs: [{ ...halves, parameters: { binary_data_size: 4 } }] }, new Float32Array([1]));
    expect(raw.inputs[0]).toEqual({ ...halves, data: new Uint16Array([0, 0x3f80]) });
  });

  it('refuses what is not UTF-8 rather than read it as something else', () => {
    const [before, after] = [Buffer.from('{"inputs":[{"name":"t","shape":[1],"datatype":"BYTES","data":["'), Buffer.from('"]}]}')];
    expect(() => decodeRequest(Buffer.concat([before, Buffer.from([0xe9]), after]), undefined)).toThrow('not valid UTF-8');
    expect(decodeRequest(Buffer.concat([before, Buffer.from('é'), after]), undefined).inputs[0]?.data).toEqual(['é']);
  });

  it('refuses names that come twice', () => {
    expect(() => decode({ inputs: [features, features] })).toThrow("input 'features' already exists in request");
    expect(() => decode({ inputs: [features], outputs: [{ name: 'p' }, { name: 'p' }] })).toThrow("output 'p' already exists in request");
  });

  it('refuses raw data of another size than announced', () => {
    expect(() => withRaw({ inputs: [announced('a', 8)] }, new Float32Array([1]))).toThrow("unexpected size for input 'a', expecting 4 additional bytes");
    expect(() => withRaw({ inputs: [announced('a', 8)] }, new Float32Array([1, 2, 3]))).toThrow('unexpected additional input data');
    expect(() => withRaw({ inputs: [announced('a', 4)] }, new Float32Array([1]))).toThrow("unexpected size for input 'a', expecting 4 additional bytes");
    expect(() => withRaw({ inputs: [announced('a', 12)] }, new Float32Array([1, 2, 3]))).toThrow('its shape needs 8 bytes, it has 12');
    expect(() => withRaw({ inputs: [announced('a', -8)] }, new Float32Array([1, 2]))).toThrow("Unable to parse 'binary_data_size'");
    expect(() => withRaw({ inputs: [announced('a', 7.5)] }, new Float32Array([1, 2]))).toThrow("Unable to parse 'binary_data_size'");
    expect(() => withRaw({ inputs: [{ ...announced('a', 8), data: [1, 2] }] }, new Float32Array([1, 2]))).toThrow("unexpected 'data'");
  });

  it('refuses a header length that can’t be', () => {
    const body = json({ inputs: [features] });
    expect(() => decodeRequest(body, 'x')).toThrow('Unable to parse Inference-Header-Content-Length');
    expect(() => decodeRequest(body, '-1')).toThrow('Unable to parse Inference-Header-Content-Length');
    expect(() => decodeRequest(body, '1e3')).toThrow('Unable to parse Inference-Header-Content-Length');
    expect(() => decodeRequest(body, '0')).toThrow('inference header size should be in range');
    expect(() => decodeRequest(body, String(body.length - 1))).toThrow('failed to parse the request JSON buffer');
    expect(() => decodeRequest(body, String(body.length + 1))).toThrow('inference header size should be in range');
  });

  it('names what is not supported', () => {
    const status = (request: () => unknown) => {
      try {
        request();
      } catch (error) {
        return error instanceof V2Error ? error.status : undefined;
      }
      return undefined;
    };
    expect(status(() => decode({ inputs: [features], outputs: [{ name: 'p', parameters: { shared_memory_region: 'r' } }] }))).toBe(501);
    expect(status(() => decode({ inputs: [features], outputs: [{ name: 'p', parameters: { classification: 0 } }] }))).toBe(400);
    expect(status(() => decode({ inputs: [{ ...features, datatype: 'FP16' }] }))).toBe(400);
  });

  it('refuses what nests too deep', () => {
    const deep = (levels: number) => Buffer.from(`{"inputs":[],"x":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    expect(() => decodeRequest(deep(100), undefined)).toThrow('JSON nesting depth exceeds maximum allowed limit (100)');
    expect(() => decodeRequest(deep(99), undefined)).toThrow("Unable to parse 'inputs'");
    expect(() => decodeRequest(deep(1_000_000), undefined)).toThrow('JSON nesting depth exceeds');
  });

  it('refuses more JSON than can be parsed without holding up others', () => {
    expect(() => decodeRequest(Buffer.alloc(DEFAULT_MAX_JSON_BYTES + 1, ' '), undefined)).toThrow('exceeds maximum size of 2097152');
  });
});
