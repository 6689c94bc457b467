import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvReader } from '@cairn/service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../test/support/self-signed.js';
import { readTlsFiles } from './tls.js';

describe('readTlsFiles', () => {
  const one = selfSigned();
  let directory: string;
  let [cert, key, otherKey] = ['', '', ''];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cairn-tls-'));
    [cert, key, otherKey] = [join(directory, 'cert.pem'), join(directory, 'key.pem'), join(directory, 'other.pem')];
    await Promise.all([writeFile(cert, one.cert), writeFile(key, one.key), writeFile(otherKey, selfSigned().key)]);
  });

  afterAll(() => rm(directory, { recursive: true }));

  const read = (certPath: string, keyPath: string) => {
    const env = new EnvReader({ CAIRN_SERVING_GRPC_TLS_CERT: certPath, CAIRN_SERVING_GRPC_TLS_KEY: keyPath });
    const files = readTlsFiles(env);
    env.done();
    return files;
  };

  it('reads both, or none', () => {
    expect(read(cert, key)).toEqual({ cert: Buffer.from(one.cert), key: Buffer.from(one.key) });
    expect(read('', '')).toBeUndefined();
  });

  it('says what is wrong before anybody calls', () => {
    expect(() => read(cert, '')).toThrow('CAIRN_SERVING_GRPC_TLS_KEY is missing, and CAIRN_SERVING_GRPC_TLS_CERT is set: TLS needs both');
    expect(() => read(join(directory, 'absent'), key)).toThrow('CAIRN_SERVING_GRPC_TLS_CERT can\'t be read');
    expect(() => read(key, key)).toThrow('no certificate and its key in PEM');
    expect(() => read(cert, otherKey)).toThrow('no certificate and its key in PEM');
  });
});
