import { status, type ServiceError } from '@grpc/grpc-js';
import { waitUntil } from '@cairn/testing';
import { inference } from '@cairn/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet } from '../../src/fleet/fleet.js';
import { logistic } from '../support/onnx-model.js';
import { MODEL, startServing, type Serving } from '../support/serving.js';
import { firstFloat, GrpcClient, methods, rowRequest, type StreamCall } from './grpc-client.js';

let serving: Serving;
let client: GrpcClient;

interface Gathered {
  readonly answers: inference.ModelStreamInferResponse[];
  /** Undefined while the stream is open. */
  code: status | undefined;
}

function gather(call: StreamCall): Gathered {
  const gathered: Gathered = { answers: [], code: undefined };
  call.on('data', (answer: inference.ModelStreamInferResponse) => gathered.answers.push(answer));
  call.on('error', ({ code }: ServiceError) => (gathered.code = code));
  call.on('end', () => (gathered.code ??= status.OK));
  return gathered;
}

const batcherOf = () => serving.running.app.get(Fleet).find('default', 'delays')!.batcher;

beforeAll(async () => {
  serving = await startServing();
  await serving.deploy();
  await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
  client = GrpcClient.of(serving);
});

afterAll(async () => {
  client.close();
  await serving.close();
});

describe('ModelStreamInfer', () => {
  it('answers each request under its id', async () => {
    const call = client.stream();
    const gathered = gather(call);
    for (let row = 0; row < 200; row += 1) call.write(rowRequest([row, 2], { id: String(row) }));
    call.end();
    await waitUntil('the stream ends', () => gathered.code !== undefined);
    expect(gathered.code).toBe(status.OK);
    expect(gathered.answers.map(({ inferResponse }) => Number(inferResponse?.id)).sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, row) => row));
    for (const { errorMessage, inferResponse } of gathered.answers) {
      expect(errorMessage).toBe('');
      expect(firstFloat(inferResponse!)).toBeCloseTo(logistic(MODEL, [Number(inferResponse?.id), 2]), 5);
    }
  });

  it('says in its answer what was wrong with a request, and goes on', async () => {
    const call = client.stream();
    const gathered = gather(call);
    call.write(rowRequest([1, 2], { id: 'lost', modelName: 'nobody' }));
    call.write(rowRequest([1, 2, 3], { id: 'wide' }));
    call.write(rowRequest([1, 2], { id: 'right' }));
    await waitUntil('all are answered', () => gathered.answers.length === 3);
    const byId = Object.fromEntries(gathered.answers.map(({ inferResponse, errorMessage }) => [inferResponse?.id, errorMessage]));
    expect(byId).toMatchObject({ lost: "Request for unknown model: 'nobody' is not found", right: '' });
    expect(byId['wide']).toContain("unexpected shape for input 'features'");
    expect(gathered.code).toBeUndefined();
    call.end();
    await waitUntil('the stream ends', () => gathered.code === status.OK);
  });

  it('goes on after bytes that are no message', async () => {
    const method = methods.modelStreamInfer;
    const call = client.client.makeBidiStreamRequest(`/${method.parent.typeName}/${method.name}`, (bytes: Buffer) => bytes, (bytes: Buffer) => bytes);
    const answers: Buffer[] = [];
    call.on('data', (bytes: Buffer) => answers.push(bytes));
    call.write(Buffer.from('garbage'));
    call.write(Buffer.from([0x2a, 0x7f]));
    await waitUntil('both are answered', () => answers.length === 2);
    expect(answers.map(String)).toEqual([expect.stringContaining('no valid inference.ModelInferRequest'), expect.stringContaining('no valid inference.ModelInferRequest')]);
    call.end();
  });

  it('forgets what a client asked that vanishes', async () => {
    const other = GrpcClient.of(serving);
    const call = other.stream();
    const gathered = gather(call);
    for (let row = 0; row < 500; row += 1) call.write(rowRequest([row, 2], { id: String(row) }));
    await waitUntil('it is being answered', () => gathered.answers.length > 0);
    call.cancel();
    other.close();
    await waitUntil('nothing waits any more', () => batcherOf().queued === 0);
    expect(await client.ask(methods.modelInfer, rowRequest([1, 2]))).toMatchObject({ modelName: 'delays' });
  });

  it('takes a stream on which nothing comes for as long as its client likes', async () => {
    const call = client.stream();
    const gathered = gather(call);
    call.write(rowRequest([1, 2], { id: 'first' }));
    await waitUntil('the first is answered', () => gathered.answers.length === 1);
    expect(await client.ask(methods.modelInfer, rowRequest([1, 2]))).toMatchObject({ modelName: 'delays' });
    call.write(rowRequest([1, 2], { id: 'second' }));
    await waitUntil('the second is answered', () => gathered.answers.length === 2);
    call.cancel();
    await waitUntil('it is cancelled', () => gathered.code === status.CANCELLED);
  });
});

describe('a cancelled call', () => {
  it('leaves the queue before a replica takes it', async () => {
    await serving.fetchJson('PUT', '/serving/v1/deployments/delays/batching', { max_rows: 64, delay_us: 1_000_000, preferred_rows: [], max_queued: 100 });
    const call = client.stream();
    const gathered = gather(call);
    // On a machine that looks too late at the first one, the next one waits.
    call.on('data', () => call.write(rowRequest([1, 2])));
    call.write(rowRequest([1, 2]));
    await waitUntil('it waits for others', () => batcherOf().queued === 1);
    call.cancel();
    await waitUntil('it waits no more', () => gathered.code === status.CANCELLED && batcherOf().queued === 0);
    const late = client.ask(methods.modelInfer, rowRequest([1, 2]), { deadline: Date.now() + 100 });
    await expect(late).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    await waitUntil('nothing waits', () => batcherOf().queued === 0);
  });
});
