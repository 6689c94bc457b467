import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../support/serving.js';
import { GrpcClient, methods, rowRequest } from './grpc-client.js';

let serving: Serving;
let client: GrpcClient;

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

describe('OK', () => {
  it('names classes, by an alias of the version, and counts what was answered', async () => {
    const [before] = (await client.ask(methods.modelStatistics, { name: 'delays' })).modelStats;
    const parameters = { classification: { parameterChoice: { case: 'int64Param', value: 1n } } } as const;
    const asked = rowRequest([1, 2], { modelVersion: 'champion', outputs: [{ name: 'probability', parameters }] });
    const answer = await client.ask(methods.modelInfer, asked);
    expect(answer).toMatchObject({ modelVersion: '1', outputs: [{ datatype: 'BYTES', shape: [1n, 1n] }] });
    expect(Buffer.from(answer.rawOutputContents[0] ?? []).toString('utf8', 4)).toMatch(/^0\.\d{6}:0$/);
    for (const request of [{ name: 'delays', version: '1' }, {}]) {
      const [after] = (await client.ask(methods.modelStatistics, request)).modelStats;
      expect(after).toMatchObject({ name: 'delays', version: '1', inferenceCount: (before?.inferenceCount ?? 0n) + 1n });
      expect(after?.inferenceStats?.success?.count).toBe((before?.inferenceStats?.success?.count ?? 0n) + 1n);
    }
  });
});
