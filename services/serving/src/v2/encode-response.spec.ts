import { describe, expect, it } from 'vitest';
import type { Tensor } from '../tensor/tensor.js';
import { decodeRequest } from './decode-request.js';
import { encodeResponse, type InferAnswer } from './encode-response.js';

const probability: Tensor = { name: 'probability', datatype: 'FP32', shape: [2, 1], data: new Float32Array([0.25, 0.5]) };
const label: Tensor = { name: 'label', datatype: 'INT64', shape: [2], data: new BigInt64Array([0n, 1n]) };
const answer: InferAnswer = { modelName: 'm', modelVersion: '3', parameters: { arm: 'live' }, outputs: [probability, label] };
const request = (more: object) =>
  decodeRequest(Buffer.from(JSON.stringify({ inputs: [{ name: 'x', shape: [1], datatype: 'FP32', data: [1] }], ...more })), undefined);

const bytesOf = (body: Buffer | string): Buffer => (typeof body === 'string' ? Buffer.from(body) : body);

describe('encodeResponse', () => {
  it('answers in JSON and echoes the id', () => {
    const { contentType, headerLength, body } = encodeResponse(request({ id: 'a' }), answer);
    expect(contentType).toBe('application/json');
    expect(headerLength).toBeUndefined();
    expect(JSON.parse(body.toString())).toEqual({
      model_name: 'm',
      model_version: '3',
      id: 'a',
      parameters: { arm: 'live' },
      outputs: [
        { name: 'probability', datatype: 'FP32', shape: [2, 1], data: [0.25, 0.5] },
        { name: 'label', datatype: 'INT64', shape: [2], data: [0, 1] },
      ],
    });
  });

  it('puts raw outputs behind the JSON in their order, beside JSON outputs', () => {
    const outputs = [{ name: 'label', parameters: { binary_data: false } }, { name: 'probability' }];
    const { contentType, headerLength, body } = encodeResponse(request({ outputs, parameters: { binary_data_output: true } }), answer);
    expect(contentType).toBe('application/octet-stream');
    expect(JSON.parse(bytesOf(body).toString('utf8', 0, headerLength)).outputs).toEqual([
      { name: 'label', datatype: 'INT64', shape: [2], data: [0, 1] },
      { name: 'probability', datatype: 'FP32', shape: [2, 1], parameters: { binary_data_size: 8 } },
    ]);
    expect(bytesOf(body).subarray(headerLength)).toEqual(Buffer.from(new Float32Array([0.25, 0.5]).buffer));
  });

  it('says so when JSON can’t carry an output, and sends it raw', () => {
    const odd = { ...answer, outputs: [{ ...probability, data: new Float32Array([Number.NaN, 1]) }] };
    expect(() => encodeResponse(request({}), odd)).toThrow("output 'probability' has values that are not finite");
    expect(encodeResponse(request({ parameters: { binary_data_output: true } }), odd).headerLength).toBeGreaterThan(0);
  });

  it('gives texts in both encodings, and halves raw alone', () => {
    const texts = { ...answer, outputs: [{ name: 't', datatype: 'BYTES' as const, shape: [2], data: ['é', ''] }] };
    expect(JSON.parse(encodeResponse(request({}), texts).body.toString()).outputs[0].data).toEqual(['é', '']);
    const raw = encodeResponse(request({ parameters: { binary_data_output: true } }), texts);
    expect(bytesOf(raw.body).subarray(raw.headerLength)).toEqual(Buffer.from([2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0]));
    const halves = { ...answer, outputs: [{ name: 'h', datatype: 'FP16' as const, shape: [1], data: new Uint16Array([0x3c00]) }] };
    expect(() => encodeResponse(request({}), halves)).toThrow('sending FP16 data via JSON is not supported');
    expect(bytesOf(encodeResponse(request({ parameters: { binary_data_output: true } }), halves).body).subarray(-2)).toEqual(Buffer.from([0, 0x3c]));
  });

  it('leaves the version out when none answered', () => {
    const { body } = encodeResponse(request({}), { ...answer, modelVersion: '' });
    expect(JSON.parse(body.toString())).not.toHaveProperty('model_version');
  });
});
