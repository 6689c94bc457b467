import { once } from 'node:events';
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrpcServer } from '../../src/grpc/grpc-server.js';
import { startServing, type Serving } from '../support/serving.js';

const MIB = 1024 * 1024;
const PATH = '/inference.GRPCInferenceService/ModelInfer';

let serving: Serving;
let session: ClientHttp2Session;

/** What lies before a message: whether it is compressed, and its length. */
function prefix(length: number, compressed = false): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(Number(compressed), 0);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

function open(path = PATH, more: Readonly<Record<string, string>> = {}): { readonly call: ClientHttp2Stream; readonly status: Promise<string> } {
  const call = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...more });
  call.on('error', () => undefined);
  call.resume();
  // A call that is refused at once has its status among the headers of the answer.
  const found = new Promise<string>((resolve) => {
    const look = (headers: IncomingHttpHeaders): void => {
      if (typeof headers['grpc-status'] === 'string') resolve(headers['grpc-status']);
    };
    call.on('response', look);
    call.on('trailers', look);
    call.on('close', () => resolve(`closed with ${call.rstCode}`));
  });
  return { call, status: found };
}

beforeAll(async () => {
  serving = await startServing({ settings: { CAIRN_SERVING_BODY_TIMEOUT_SECONDS: '5', CAIRN_SERVING_MAX_BODY_BYTES: String(4 * MIB) } });
  session = connect(`http://127.0.0.1:${serving.running.app.get(GrpcServer).port}`);
  session.on('error', () => undefined);
  await once(session, 'connect');
});

afterAll(async () => {
  session.destroy();
  await serving.close();
});

describe('frames', () => {
  it('of a message that does not come to its end are given up', async () => {
    const codes = [Buffer.alloc(0), prefix(100), Buffer.concat([prefix(100), Buffer.from('abc')])].map((sent) => {
      const { call, status: code } = open();
      call.write(sent);
      return code;
    });
    expect(await Promise.all(codes)).toEqual(codes.map(() => String(status.DEADLINE_EXCEEDED)));
  });

  it('that announce more than a message may have are refused before it is there', async () => {
    const { call, status: code } = open();
    call.write(Buffer.concat([prefix(2 ** 32 - 1), Buffer.from('abc')]));
    expect(await code).toBe(String(status.RESOURCE_EXHAUSTED));
  });

  it('that inflate to more than a message may have are refused', async () => {
    const bomb = gzipSync(Buffer.alloc(5 * MIB));
    const { call, status: code } = open(PATH, { 'grpc-encoding': 'gzip' });
    call.end(Buffer.concat([prefix(bomb.length, true), bomb]));
    expect(await code).toBe(String(status.RESOURCE_EXHAUSTED));
  });

  it('of what was never compressed, of two messages, of none and of half a message end with a status', async () => {
    const frames = [[prefix(3, true), Buffer.from('abc')], [prefix(0), prefix(0)], [], [prefix(100), Buffer.from('abc')]];
    for (const parts of frames) {
      const { call, status: code } = open(PATH, { 'grpc-encoding': 'gzip' });
      call.end(Buffer.concat(parts));
      expect(await code).toMatch(/^\d+$/);
    }
  });

  it('of calls with a deadline that can’t be or a path that is none end with a status', async () => {
    const { call, status: code } = open('/../../etc/passwd');
    call.end(prefix(0));
    expect(await code).toBe(String(status.UNIMPLEMENTED));
    const other = open(PATH, { 'grpc-timeout': 'soon' });
    other.call.end(prefix(0));
    expect(await other.status).toMatch(/^\d+$/);
  });

  it('of whoever behaves are answered all the while', async () => {
    const { call, status: code } = open('/inference.GRPCInferenceService/ServerLive');
    call.end(prefix(0));
    expect(await code).toBe(String(status.OK));
  });
});
