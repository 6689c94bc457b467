import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { urlToHttpOptions } from 'node:url';
import { gzipSync } from 'node:zlib';
import { waitUntil } from '@cairn/testing';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../support/serving.js';
import { deployIdentity, sendV2 } from '../support/v2-client.js';

const PATH = '/v2/models/echo/versions/1/infer';
const LENGTH = 'inference-header-content-length';
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const x = { name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] };
const t = { name: 't', shape: [1], datatype: 'BYTES', data: ['a'] };

let serving: Serving;
const send = (body: string | Buffer, headers?: Record<string, string>, path = PATH) => sendV2(serving, path, body, headers);
const sendJson = (request: unknown) => send(JSON.stringify(request));

/** JSON and bytes behind it; the length of the JSON as it is unless said otherwise. */
function sendRaw(input: object, raw: Buffer, length?: number) {
  const head = Buffer.from(JSON.stringify({ inputs: [input, t] }));
  return send(Buffer.concat([head, raw]), { [LENGTH]: String(length ?? head.length) });
}

async function expectRefusal(answer: ReturnType<typeof send>, status = 400): Promise<string> {
  const { status: given, json } = await answer;
  const { error } = json();
  expect({ given, error }).toEqual({ given: status, error: expect.any(String) });
  return error;
}

/** The path as it is: fetch would resolve its dots. */
async function ask(method: string, path: string, body = '') {
  const sent = request({ ...urlToHttpOptions(new URL(serving.url)), method, path, headers: { 'content-length': Buffer.byteLength(body) } });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

beforeAll(async () => {
  serving = await startServing();
  await deployIdentity(serving, 'echo', [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }, { name: 't', datatype: 'BYTES', shape: [-1] }]);
});

// Whatever was sent, the next one who asks is answered.
afterEach(async () => {
  expect((await sendJson({ inputs: [x, t] })).status).toBe(200);
});

afterAll(() => serving.close());

describe('shapes', () => {
  const shapes = [
    [-1, 2], [1, -2], [1.5, 2], [1e308, 2], [2 ** 53, 2], [2 ** 32, 2 ** 32], [2 ** 31, 2], [4_000_000_000, 4_000_000_000, 4_000_000_000],
    new Array(9).fill(1), new Array(100_000).fill(1), ['1', 2], [null, 2], [[1], [2]], {}, 'x', 5, null, true,
  ];

  it.each(shapes.map((shape) => [JSON.stringify(shape)?.slice(0, 60), shape]))('of %s are refused in both encodings', async (_, shape) => {
    await expectRefusal(sendJson({ inputs: [{ ...x, shape }, t] }));
    await expectRefusal(sendRaw({ ...x, shape, data: undefined, parameters: { binary_data_size: 8 } }, Buffer.alloc(8)));
    await expectRefusal(sendJson({ inputs: [x, { ...t, shape }] }));
    await expectRefusal(sendRaw({ ...t, name: 'x', shape, data: undefined, parameters: { binary_data_size: 8 } }, Buffer.alloc(8)));
  });

  it('that nobody gave are refused', async () => {
    await expectRefusal(sendJson({ inputs: [{ ...x, shape: undefined }, t] }));
  });
});

describe('sizes that lie', () => {
  it.each([-8, 7, 9, 16, 1e18, 8.5, '8', null, true, [8]])('binary_data_size of %j', async (size) => {
    await expectRefusal(sendRaw({ ...x, data: undefined, parameters: { binary_data_size: size } }, Buffer.alloc(8)));
  });

  it.each(['-1', '1e3', '0x10', ' ', 'NaN', '99999999999999999999', '1, 1', '1000000'])('%j as the length of the JSON', async (length) => {
    await expectRefusal(send(JSON.stringify({ inputs: [x, t] }), { [LENGTH]: length }));
  });

  it('texts that are longer than what is there', async () => {
    for (const bytes of [[255, 255, 255, 255], [5, 0, 0, 0, 97], [1, 0], []]) {
      const input = { ...t, name: 'x', data: undefined, parameters: { binary_data_size: bytes.length } };
      await expectRefusal(sendRaw(input, Buffer.from(bytes)));
    }
  });

  it('both data and a size of raw data', async () => {
    await expectRefusal(sendRaw({ ...x, parameters: { binary_data_size: 8 } }, Buffer.alloc(8)));
  });

  it('a Content-Length that more follows, or too little', async () => {
    const { hostname, port } = new URL(serving.url);
    const short = connect(Number(port), hostname);
    short.end(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{}`);
    expect(Buffer.concat(await short.toArray()).toString()).not.toContain('HTTP/1.1 5');
  });
});

describe('names', () => {
  it('that come twice', async () => {
    expect(await expectRefusal(sendJson({ inputs: [x, x, t] }))).toContain('already exists');
    expect(await expectRefusal(sendJson({ inputs: [x, t], outputs: [{ name: 'x_out' }, { name: 'x_out' }] }))).toContain('already exists');
  });

  it.each(['..%2f..%2f..%2fetc%2fpasswd', '%2e%2e', '%00', 'echo%00', '%2Fetc%2Fpasswd', '..\\..', '__proto__', 'constructor', '%F0%9F%98%80', 'x'.repeat(1_999)])(
    'of models like %.40s lead nowhere',
    async (name) => {
      for (const path of [`/v2/models/${name}/infer`, `/v2/models/${name}/versions/1/infer`]) {
        const { status, body } = await ask('POST', path, JSON.stringify({ inputs: [x, t] }));
        expect(status).toBe(400);
        expect(JSON.parse(body).error).toContain('Request for unknown model');
      }
      expect((await ask('GET', `/v2/models/${name}`)).status).toBe(400);
    },
  );

  it.each(['..%2f1', '%2e%2e', '%00', '1%00', '-1', '01', '1.0', '1e0', '99999999999999999999', '__proto__', 'x'.repeat(1_999)])(
    'of versions like %.40s are none',
    async (version) => {
      expect((await ask('POST', `/v2/models/echo/versions/${version}/infer`, JSON.stringify({ inputs: [x, t] }))).status).toBe(404);
      expect((await ask('GET', `/v2/models/echo/versions/${version}`)).status).toBe(404);
    },
  );

  it('that no router can read', async () => {
    for (const path of ['/v2/models/%zz/infer', '/v2/models/%c0%af/infer', `/v2/models/${'x'.repeat(5_000)}/infer`]) {
      const { status } = await send('{}', {}, path);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });
});

describe('bodies', () => {
  it('of 64 MiB are read, and larger ones are not', async () => {
    expect(await expectRefusal(send(Buffer.alloc(MAX_BODY_BYTES, ' ')))).toContain('exceeds maximum size of 2097152');
    expect(await expectRefusal(send(Buffer.alloc(MAX_BODY_BYTES + 1)), 413)).toContain('larger than 67108864 bytes');
    const bomb = gzipSync(gzipSync(Buffer.alloc(MAX_BODY_BYTES * 2)));
    await expectRefusal(send(bomb, { 'content-encoding': 'gzip' }));
    await expectRefusal(send(gzipSync(Buffer.alloc(MAX_BODY_BYTES * 2)), { 'content-encoding': 'gzip' }), 413);
  });

  it('of whoever stops sending hold nobody up', async () => {
    const { hostname, port } = new URL(serving.url);
    const idle = Array.from({ length: 64 }, (): Socket => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{`);
      return socket;
    });
    expect((await sendJson({ inputs: [x, t] })).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });

  it('that are too much together are refused until the others are gone', async () => {
    const small = await startServing({ settings: { CAIRN_SERVING_MAX_BODY_BYTES: '65536' } });
    const { hostname, port } = new URL(small.url);
    const slow = Array.from({ length: 12 }, (): Socket => {
      const socket = connect(Number(port), hostname);
      socket.write(`POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 65536\r\n\r\n${' '.repeat(60_000)}`);
      return socket;
    });
    const ask = () => sendV2(small, PATH, Buffer.alloc(65_536, ' '));
    await waitUntil('there is no room', async () => (await ask()).status === 503);
    expect((await ask()).json().error).toContain('too many large requests at once');
    for (const socket of slow) socket.destroy();
    await waitUntil('there is room again', async () => (await ask()).status === 400);
    await small.close();
  });

  it('that nest deep are refused, at any place', async () => {
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
    const objects = `${'{"x":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    for (const body of [deep, objects, `{"inputs":${deep}}`, `{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":${deep}}]}`]) await expectRefusal(send(body));
    expect(await expectRefusal(send('['.repeat(1_000_000)))).toContain('failed to parse');
  });

  it('in encodings that are none', async () => {
    for (const body of ['\ufffe{', '{"inputs":\0}', 'NaN', 'null', '"x"']) await expectRefusal(send(Buffer.from(body)));
    await expectRefusal(send(Buffer.from([0xff, 0xfe, 0x7b])));
  });
});

describe('values', () => {
  it.each(['NaN', 'Infinity', '-Infinity', '1e999', '1e39', 'null', '"1"', '[]', '{}', '1e-400x'])('of %s in FP32 are refused', async (value) => {
    await expectRefusal(send(JSON.stringify({ inputs: [{ ...x, data: ['@', 1] }, t] }).replace('"@"', value)));
  });

  it.each([{ priority: -1 }, { priority: 'x' }, { timeout: 1e18 }, { timeout: -1 }, { triton_x: 1 }, { a: null }, { a: [] }, { event_time: 5 }])(
    'of parameters like %j are refused',
    async (parameters) => {
      await expectRefusal(sendJson({ inputs: [x, t], parameters }));
    },
  );
});

/** Anything in the place of anything. */
const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(-1, 2 ** 53, 1e308, '', '__proto__', [], {}, null, true, 'FP32', 'BYTES', 'FP16', 'BF16', [[[]]]));
const input = fc.record(
  {
    name: fc.oneof(fc.constantFrom('x', 't', 'u'), anything),
    shape: fc.oneof(fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 4 }), anything),
    datatype: fc.oneof(fc.constantFrom('FP32', 'BYTES', 'INT64', 'BOOL', 'FP16'), anything),
    data: fc.oneof(fc.array(fc.oneof(fc.double(), fc.string()), { maxLength: 6 }), anything),
    parameters: fc.oneof(fc.record({ binary_data_size: anything }), anything),
  },
  { requiredKeys: [] },
);
const output = fc.record(
  { name: fc.oneof(fc.constantFrom('x_out', 't_out'), anything), parameters: fc.oneof(fc.record({ classification: anything, binary_data: anything }), anything) },
  { requiredKeys: [] },
);
const inferRequest = fc.record(
  {
    id: anything,
    inputs: fc.oneof(fc.array(fc.oneof(input, fc.constantFrom(x, t)), { maxLength: 3 }), anything),
    outputs: fc.oneof(fc.array(output, { maxLength: 3 }), anything),
    parameters: fc.oneof(fc.dictionary(fc.string(), anything), anything),
  },
  { requiredKeys: [] },
);

describe('requests of all kinds', () => {
  it('are answered or refused, and never fail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(inferRequest, anything), fc.uint8Array({ maxLength: 32 }), fc.option(fc.integer({ min: -2, max: 4 })), async (body, raw, shift) => {
        const head = Buffer.from(JSON.stringify(body));
        const headers: Record<string, string> = shift === null ? {} : { [LENGTH]: String(head.length + (shift > 2 ? 0 : shift)) };
        const { status } = await send(Buffer.concat([head, raw]), headers);
        expect(status === 200 || (status >= 400 && status < 500) || status === 501).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
