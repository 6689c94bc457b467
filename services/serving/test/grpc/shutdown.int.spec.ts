import { status, type ServiceError } from '@grpc/grpc-js';
import { grpcHealth, inference } from '@cairn/contracts';
import { waitUntil } from '@cairn/testing';
import { describe, expect, it } from 'vitest';
import { Fleet } from '../../src/fleet/fleet.js';
import { startServing } from '../support/serving.js';
import { GrpcClient, methods, rowRequest } from './grpc-client.js';

const { SERVING, NOT_SERVING } = grpcHealth.HealthCheckResponse_ServingStatus;

describe('a stop', () => {
  it('answers what was read of a stream, ends it, and tells whoever watches', async () => {
    const serving = await startServing();
    await serving.deploy();
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
    await serving.fetchJson('PUT', '/serving/v1/deployments/delays/batching', { max_rows: 64, delay_us: 1_000_000, preferred_rows: [], max_queued: 100 });
    const client = GrpcClient.of(serving);

    const statuses: number[] = [];
    const watch = client.watch('');
    watch.on('data', ({ status: now }: grpcHealth.HealthCheckResponse) => statuses.push(now));
    watch.on('error', () => undefined);
    await waitUntil('it serves', () => statuses.includes(SERVING));

    const answers: inference.ModelStreamInferResponse[] = [];
    let code: status | undefined;
    const call = client.stream();
    call.on('data', (answer: inference.ModelStreamInferResponse) => answers.push(answer));
    call.on('error', (error: ServiceError) => (code = error.code));
    call.write(rowRequest([1, 2], { id: 'first' }));
    await waitUntil('the first is answered', () => answers.length === 1);
    call.write(rowRequest([1, 2], { id: 'second' }));
    const { batcher } = serving.running.app.get(Fleet).find('default', 'delays')!;
    await waitUntil('the second is read', () => batcher.queued === 1 || answers.length === 2);

    await serving.close();
    await waitUntil('the stream is ended', () => code !== undefined);
    expect(code).toBe(status.UNAVAILABLE);
    expect(answers.map(({ errorMessage, inferResponse }) => [errorMessage, inferResponse?.id])).toEqual([['', 'first'], ['', 'second']]);
    await waitUntil('whoever watches is told', () => statuses.at(-1) === NOT_SERVING);
    const refused = client.ask(methods.serverLive, {}, { deadline: Date.now() + 10_000 });
    await expect(refused).rejects.toMatchObject({ code: status.UNAVAILABLE });
    client.close();
  });

  it('does not wait for a client that never ends its stream', async () => {
    const serving = await startServing();
    const client = GrpcClient.of(serving);
    let code: status | undefined;
    const call = client.stream();
    call.on('data', () => undefined);
    call.on('error', (error: ServiceError) => (code = error.code));
    call.write(rowRequest([1, 2], { modelName: 'nobody' }));
    await waitUntil('the call is there', () => call.getPeer() !== 'unknown');
    await serving.close();
    await waitUntil('the stream is ended', () => code !== undefined);
    expect(code).toBe(status.UNAVAILABLE);
    client.close();
  });
});
