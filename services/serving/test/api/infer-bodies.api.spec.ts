import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../support/serving.js';
import { deployIdentity, sendV2 } from '../support/v2-client.js';

const MAX_BODY_BYTES = 65_536;
const PATH = '/v2/models/echo/versions/1/infer';
const LENGTH = 'inference-header-content-length';

let serving: Serving;
const send = (body: string | Buffer, headers?: Record<string, string>, path = PATH) => sendV2(serving, path, body, headers);
const rows = (count: number) => ({ inputs: [{ name: 'x', shape: [count, 2], datatype: 'FP32', data: new Array(2 * count).fill(0.5) }] });
const numbers = (count: number) => JSON.stringify(rows(count));

beforeAll(async () => {
  const settings = { CAIRN_SERVING_MAX_BODY_BYTES: String(MAX_BODY_BYTES), CAIRN_SERVING_MAX_JSON_BYTES: '32768', CAIRN_SERVING_BODY_TIMEOUT_SECONDS: '1' };
  serving = await startServing({ settings });
  await deployIdentity(serving, 'echo', [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }]);
  await deployIdentity(serving, 'text', [{ name: 't', datatype: 'BYTES', shape: [-1, 1] }]);
  await deployIdentity(serving, 'image', [{ name: 'i', datatype: 'UINT8', shape: [-1, -1, 3] }]);
  await deployIdentity(serving, 'two', [{ name: 'a', datatype: 'FP32', shape: [-1] }, { name: 'b', datatype: 'FP32', shape: [-1] }]);
});

afterAll(() => serving.close());

/** What a server says to bytes as they are, until it closes the connection. */
async function exchange(...parts: string[]): Promise<string> {
  const { hostname, port } = new URL(serving.url);
  const socket = connect(Number(port), hostname);
  for (const part of parts) socket.write(part);
  return text(socket);
}

describe('200', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['GZIP', gzipSync],
  ])('for a body in %s', async (coding, compress) => {
    const { status, json } = await send(compress(numbers(3)), { 'content-encoding': coding });
    expect(status).toBe(200);
    expect(json().outputs[0].data).toEqual(new Array(6).fill(0.5));
  });

  it('for raw tensors in a compressed body: the length of the JSON is that before', async () => {
    const head = Buffer.from(JSON.stringify({ inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', parameters: { binary_data_size: 8 } }] }));
    const body = gzipSync(Buffer.concat([head, Buffer.from(new Float32Array([1, 2]).buffer)]));
    expect((await send(body, { 'content-encoding': 'gzip', [LENGTH]: String(head.length) })).json().outputs[0].data).toEqual([1, 2]);
  });

  it('compresses what is worth it, as the caller likes', async () => {
    const plain = await send(numbers(1_000), { 'accept-encoding': 'identity' });
    expect(plain.headers.get('content-encoding')).toBeNull();
    for (const [coding, inflate] of [['gzip', gunzipSync], ['deflate', inflateSync]] as const) {
      // Not with fetch, which hides how a body came.
      const request = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: ${coding}\r\nContent-Length: ${numbers(1_000).length}\r\n\r\n${numbers(1_000)}`;
      const { hostname, port } = new URL(serving.url);
      const socket = connect(Number(port), hostname);
      socket.write(request);
      const answer = Buffer.concat(await socket.toArray());
      const split = answer.indexOf('\r\n\r\n');
      expect(answer.toString('latin1', 0, split).toLowerCase()).toContain(`content-encoding: ${coding}`);
      const outputs = (bytes: Buffer) => JSON.parse(bytes.toString()).outputs;
      expect(outputs(inflate(answer.subarray(split + 4)))).toEqual(outputs(plain.bytes));
    }
  });

  it('for a body in chunks, of any Content-Type or none', async () => {
    for (const headers of [{}, { 'content-type': 'application/octet-stream' }, { 'content-type': 'multipart/form-data; boundary=x' }]) {
      const chunks = Readable.toWeb(Readable.from([Buffer.from(numbers(2).slice(0, 10)), Buffer.from(numbers(2).slice(10))]));
      const init = { method: 'POST', headers, duplex: 'half', body: chunks };
      const response = await fetch(`${serving.url}${PATH}?test_1=1&test_2=2`, init as RequestInit);
      expect(response.status).toBe(200);
    }
  });

  it('for a raw request, one row of the only input', async () => {
    const echo = await send(Buffer.from(new Float32Array([1, 2]).buffer), { [LENGTH]: '0' });
    expect(echo.status).toBe(200);
    expect(echo.bytes.subarray(Number(echo.headers.get(LENGTH)))).toEqual(Buffer.from(new Float32Array([1, 2]).buffer));
    const texts = await send(Buffer.from('grüße'), { [LENGTH]: '0' }, '/v2/models/text/versions/1/infer');
    expect(texts.bytes.toString('utf8', Number(texts.headers.get(LENGTH)) + 4)).toBe('grüße');
    const image = await send(Buffer.from([1, 2, 3, 4, 5, 6]), { [LENGTH]: '0' }, '/v2/models/image/versions/1/infer');
    expect(JSON.parse(image.bytes.toString('utf8', 0, Number(image.headers.get(LENGTH)))).outputs[0].shape).toEqual([1, 2, 3]);
  });
});

describe('400', () => {
  it.each([
    ['gzip', Buffer.from('no gzip'), "can't be decompressed as gzip"],
    ['deflate', gzipSync('{}'), "can't be decompressed as deflate"],
    ['gzip', gzipSync(numbers(3)).subarray(0, 30), "can't be decompressed as gzip"],
  ])('for a body that is no %s', async (coding, body, message) => {
    const { status, json } = await send(body, { 'content-encoding': coding });
    expect(status).toBe(400);
    expect(json().error).toContain(message);
  });

  it('for a raw request that fits no input', async () => {
    const raw = (bytes: number, model = 'echo') => send(Buffer.alloc(bytes), { [LENGTH]: '0' }, `/v2/models/${model}/versions/1/infer`);
    expect((await raw(7)).json().error).toContain('expecting 1 additional bytes');
    expect((await raw(16)).json().error).toContain('its shape needs 8 bytes, it has 16');
    expect((await raw(4, 'image')).json().error).toContain('its shape needs 3 bytes, it has 4');
    expect((await raw(4, 'two')).json().error).toContain("'two' has 2");
    expect((await raw(4, 'text')).json().error).toContain('NUL');
  });

  it('for no body at all, and for more JSON than may be parsed', async () => {
    expect((await serving.fetchJson('POST', PATH)).status).toBe(400);
    expect((await send(numbers(5_000))).json().error).toContain('exceeds maximum size of 32768');
    expect((await send(gzipSync(numbers(5_000)), { 'content-encoding': 'gzip' })).json().error).toContain('exceeds maximum size of 32768');
  });
});

describe('408', () => {
  it('for a body that does not come', async () => {
    const slow = await exchange(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"inputs"`);
    expect(slow).toContain('HTTP/1.1 408');
    expect(slow).toContain('{"error":"the request body did not come within 1 s"}');
    expect(slow.toLowerCase()).toContain('connection: close');
    expect((await send(numbers(1))).status).toBe(200);
  });
});

describe('413', () => {
  it('for a body that is too large, announced, in chunks or compressed', async () => {
    const large = Buffer.alloc(MAX_BODY_BYTES + 1);
    expect((await send(large)).status).toBe(413);
    const init = { method: 'POST', duplex: 'half', body: Readable.toWeb(Readable.from([large.subarray(1), large.subarray(0, 1)])) };
    expect((await fetch(`${serving.url}${PATH}`, init as RequestInit)).status).toBe(413);
    const bomb = await send(gzipSync(Buffer.alloc(16 * 1024 * 1024)), { 'content-encoding': 'gzip' });
    expect(bomb.status).toBe(413);
    expect(bomb.json().error).toContain('larger than 65536 bytes');
  });
});

describe('501', () => {
  it('for another coding, and says which there are', async () => {
    for (const coding of ['br', 'gzip, gzip', 'x'.repeat(1_000)]) {
      const { status, headers, json } = await send('x', { 'content-encoding': coding });
      expect(status).toBe(501);
      expect(headers.get('accept-encoding')).toBe('gzip, deflate');
      expect(json().error).toContain('is not supported');
    }
  });
});
