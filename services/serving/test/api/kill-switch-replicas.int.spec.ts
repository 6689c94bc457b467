import { createDatabase, startTestNats, tempDir, waitUntil, type TestDatabase } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestReplica, type TestReplica } from '../support/replica.js';
import { startServing, type Serving } from '../support/serving.js';

const OTHER = { weights: [-0.25, 0.5], bias: 1 };
const PATH = '/serving/v1/deployments/delays';

describe('the kill switch and a replica of another process', () => {
  let nats: Awaited<ReturnType<typeof startTestNats>>;
  let database: TestDatabase;
  let serving: Serving;
  let replica: TestReplica;

  beforeEach(async () => {
    [nats, database] = await Promise.all([startTestNats(), createDatabase()]);
    serving = await startServing({ nats: nats.url, database, config: { objectStoreUrl: `file://${tempDir('objects')}` } });
    replica = await start();
    await waitUntil('the replica is known', async () => (await serving.fetchJson('GET', '/serving/v1/replicas')).body.items.length === 2);
    await serving.deploy('delays', 1);
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
    await waitUntil('the replica answers with the version', async () => (await armOf()) === 'live');
  });

  afterEach(async () => {
    await replica.close();
    await serving.close();
    await nats.stop();
    await database.drop();
  });

  const start = (dataDir?: string) => startTestReplica(serving, { natsUrl: nats.url, name: 'other', ...(dataDir !== undefined && { dataDir }) });
  const parametersOf = async () => (await replica.infer('delays', [[1, 2]])).body['parameters'] as { readonly arm: string } | undefined;
  const armOf = async () => (await parametersOf())?.arm;
  const kill = () => serving.fetchJson('POST', `${PATH}/kill`, { reason: 'it is wrong' });

  it('is in force there too when it says so, with a version that stands by and that all have proved', async () => {
    const { body } = await serving.fetchJson('PUT', `${PATH}/fallback`, { kind: 'version', version_id: await serving.version({ version: 2, model: OTHER }) });
    expect(body.proofs).toMatchObject([{ proved: true, member: true }, { proved: true, member: true }]);
    // Whoever is late for once says so; the answer to a repetition is about the same switch.
    await waitUntil('every replica follows', async () => (await kill()).body.everywhere === true);
    expect(await parametersOf()).toMatchObject({ arm: 'fallback', model_version: '2', fallback: 'version', kill_switch: true });
  });

  it('stays on there after a restart without NATS and control plane', async () => {
    await waitUntil('every replica follows', async () => (await kill()).body.everywhere === true);
    await serving.close();
    await nats.kill();
    await replica.close();
    replica = await start(replica.dataDir);
    await waitUntil('it is ready', async () => (await fetch(`${replica.url}/v2/health/ready`)).ok);
    expect(await parametersOf()).toMatchObject({ arm: 'fallback', fallback: 'constant', kill_switch: true });
  });

  it('is recorded while NATS is away, says that not everybody has heard of it, and reaches them afterwards', async () => {
    await nats.kill();
    expect(await kill()).toMatchObject({ status: 200, body: { kill_switch: { state: 'engaged' }, everywhere: false } });
    expect((await serving.infer('delays', [[1, 2]])).body.parameters.arm).toBe('fallback');
    await nats.restart();
    await waitUntil('the replica hears of it', async () => (await armOf()) === 'fallback');
    await waitUntil('every replica follows', async () => (await kill()).body.everywhere === true);
  });
});
