import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentials, Metadata, type Client } from '@grpc/grpc-js';
import { create, toBinary } from '@bufbuild/protobuf';
import { inference } from '@cairn/contracts';
import { newId } from '@cairn/kernel';
import { tempDir, waitUntil } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../support/self-signed.js';
import { startServing, type Serving } from '../support/serving.js';
import { firstFloat, GrpcClient, methods, rowRequest, type InferRequestShape } from './grpc-client.js';

const CORRELATION_ID = 'x-correlation-id';
const PATH = '/inference.GRPCInferenceService/ModelInfer';

interface Answered {
  /** Metadata before the answer, and with the status. */
  readonly head: Metadata | undefined;
  readonly trailer: Metadata;
  readonly code: number;
}

function infer(client: Client, request: InferRequestShape, correlationId?: string): Promise<Answered> {
  const metadata = new Metadata();
  if (correlationId !== undefined) metadata.set(CORRELATION_ID, correlationId);
  const message = Buffer.from(toBinary(inference.ModelInferRequestSchema, create(inference.ModelInferRequestSchema, request)));
  return new Promise((resolve) => {
    let head: Metadata | undefined;
    const call = client.makeUnaryRequest(PATH, (bytes: Buffer) => bytes, (bytes: Buffer) => bytes, message, metadata, () => undefined);
    call.on('metadata', (received) => (head = received));
    call.on('status', ({ code, metadata: trailer }) => resolve({ head, trailer, code }));
  });
}

describe('calls of gRPC', () => {
  let serving: Serving;
  let client: GrpcClient;

  beforeAll(async () => {
    serving = await startServing();
    await serving.deploy('delays', 1);
    client = GrpcClient.of(serving);
  });

  afterAll(async () => {
    client.close();
    await serving.close();
  });

  const countOf = async (method: string, status: string): Promise<number> => {
    const { body } = await serving.fetchJson('GET', '/metrics');
    const line = String(body).split('\n').find((text) => text.startsWith('grpc_request_duration_seconds_count') && text.includes(`"${method}"`) && text.includes(`"${status}"`));
    return Number(line?.split(' ').at(-1) ?? 0);
  };

  it('are counted by method and status, refused ones and streams too', async () => {
    const name = PATH.slice(1);
    const before = [await countOf(name, 'OK'), await countOf(name, 'INVALID_ARGUMENT')] as const;
    await infer(client.client, rowRequest([1, 2]));
    await infer(client.client, rowRequest([1, 2], { modelName: 'nobody' }));
    const stream = client.stream();
    stream.on('data', () => undefined);
    stream.write(rowRequest([1, 2]));
    stream.end();
    await waitUntil('the stream is counted', async () => (await countOf('inference.GRPCInferenceService/ModelStreamInfer', 'OK')) === 1);
    expect([await countOf(name, 'OK'), await countOf(name, 'INVALID_ARGUMENT')]).toEqual([before[0] + 1, before[1] + 1]);
  });

  it('count as cancelled when their caller goes', async () => {
    const watching = client.watch('');
    watching.on('error', () => undefined);
    await new Promise((resolve) => watching.once('data', resolve));
    watching.cancel();
    await waitUntil('it is counted', async () => (await countOf('grpc.health.v1.Health/Watch', 'CANCELLED')) === 1);
  });

  it('carry the caller’s correlation id back, before an answer or with a refusal, and none when there was none', async () => {
    const id = newId();
    const answered = await infer(client.client, rowRequest([1, 2]), id);
    expect([answered.code, answered.head?.get(CORRELATION_ID)]).toEqual([0, [id]]);
    const refused = await infer(client.client, rowRequest([1, 2], { modelName: 'nobody' }), id.toUpperCase());
    expect(refused.code).not.toBe(0);
    expect(refused.trailer.get(CORRELATION_ID)).toEqual([id]);
    const [other] = (await infer(client.client, rowRequest([1, 2]), 'no id')).head?.get(CORRELATION_ID) ?? [];
    expect(other).toMatch(/^[0-9a-f-]{36}$/);
    expect((await infer(client.client, rowRequest([1, 2]))).head?.get(CORRELATION_ID)).toEqual([]);
  });
});

describe('gRPC over TLS', () => {
  it('answers who trusts its certificate, and nobody in plain text', async () => {
    const { cert, key } = selfSigned();
    const directory = tempDir('tls');
    const [certPath, keyPath] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    await Promise.all([writeFile(certPath, cert), writeFile(keyPath, key)]);
    const serving = await startServing({ settings: { CAIRN_SERVING_GRPC_TLS_CERT: certPath, CAIRN_SERVING_GRPC_TLS_KEY: keyPath } });
    await serving.deploy('delays', 1);
    const trusting = GrpcClient.of(serving, {}, credentials.createSsl(Buffer.from(cert)));
    const doubting = GrpcClient.of(serving, {}, credentials.createSsl(Buffer.from(selfSigned().cert)));
    const plain = GrpcClient.of(serving);
    expect(firstFloat(await trusting.ask(methods.modelInfer, rowRequest([1, 2])))).toBeDefined();
    for (const client of [doubting, plain]) await expect(client.ask(methods.serverLive, {})).rejects.toMatchObject({ code: 14 });
    for (const client of [trusting, doubting, plain]) client.close();
    await serving.close();
  });
});
