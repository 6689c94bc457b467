import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase, startTestNats, tempDir, waitUntil, type TestDatabase } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestReplica, type TestReplica } from '../support/replica.js';
import { startServing, type Serving } from '../support/serving.js';

describe('a replica whose surroundings are gone', () => {
  let nats: Awaited<ReturnType<typeof startTestNats>>;
  let database: TestDatabase;
  let objects: { readonly objectStoreUrl: string };
  let serving: Serving;
  let replica: TestReplica;

  beforeEach(async () => {
    [nats, database] = await Promise.all([startTestNats(), createDatabase()]);
    objects = { objectStoreUrl: `file://${tempDir('objects')}` };
    serving = await startServing({ nats: nats.url, database, config: objects });
    replica = await start();
    await waitUntil('the replica is known', async () => (await serving.fetchJson('GET', '/serving/v1/replicas')).body.items.length === 2);
  });

  afterEach(async () => {
    await replica.close();
    await serving.close();
    await nats.stop();
    await database.drop();
  });

  const start = (dataDir?: string) => startTestReplica(serving, { natsUrl: nats.url, name: 'alone', ...(dataDir !== undefined && { dataDir }) });
  const sealedRows = async (): Promise<number> => {
    const { body } = await serving.fetchJson('POST', '/serving/v1/deployments/delays/seal');
    const { body: all } = await serving.fetchJson('GET', '/serving/v1/deployments/delays/segments?limit=100');
    expect(body.items.length).toBeLessThanOrEqual(all.items.length);
    return all.items.reduce((rows: number, { row_count }: { row_count: number }) => rows + row_count, 0);
  };

  async function live(): Promise<unknown> {
    await serving.deploy('delays', 1);
    const rolloutId = await serving.rollOut('delays', await serving.version());
    await serving.complete('delays', rolloutId);
    await waitUntil('the replica answers with the version', async () => (await replica.infer('delays', [[1, 2]])).body['model_version'] === '1');
    return (await replica.infer('delays', [[1, 2]])).body['outputs'];
  }

  it('answers without NATS, control plane and database, and starts again without them', async () => {
    const outputs = await live();
    await serving.close();
    await nats.kill();
    for (let asked = 0; asked < 20; asked += 1) expect(await replica.infer('delays', [[1, 2]])).toMatchObject({ status: 200, body: { model_version: '1', outputs } });
    await replica.close();
    replica = await start(replica.dataDir);
    await waitUntil('it is ready', async () => (await fetch(`${replica.url}/v2/health/ready`)).ok);
    for (let asked = 0; asked < 20; asked += 1) expect(await replica.infer('delays', [[1, 2]])).toMatchObject({ status: 200, body: { model_version: '1', outputs } });
  });

  it('remembers that the kill switch is on', async () => {
    await live();
    await serving.fetchJson('POST', '/serving/v1/deployments/delays/kill', { reason: 'it harms' });
    await serving.close();
    await nats.kill();
    await replica.close();
    replica = await start(replica.dataDir);
    expect((await replica.infer('delays', [[1, 2]])).body).toMatchObject({ parameters: { arm: 'fallback', kill_switch: true } });
  });

  it('hears what it missed, and everything that it answered is in the log then', async () => {
    await live();
    const before = await sealedRows();
    await nats.kill();
    for (let asked = 0; asked < 7; asked += 1) expect((await replica.infer('delays', [[1, 2]])).status).toBe(200);
    // What is decided without NATS concerns who can be reached.
    const name = await serving.deploy('new', 1);
    expect((await replica.infer(name, [[1, 2]])).status).toBe(400);
    await nats.restart();
    await waitUntil('the replica knows the deployment', async () => (await replica.infer(name, [[1, 2]])).status === 200);
    await waitUntil('the control plane hears it', async () => (await serving.fetchJson('POST', '/serving/v1/deployments/delays/seal')).status === 200);
    expect(await sealedRows()).toBe(before + 7);
  });

  it('does not advance a rollout while nobody knows who answers', async () => {
    await serving.deploy('delays', 1);
    const rolloutId = await serving.rollOut('delays', await serving.version());
    await nats.kill();
    await serving.infer('delays', [[1, 2]]);
    const refused = await waitUntil('the loss is noticed', async () => {
      const { status, body } = await serving.fetchJson('POST', `/serving/v1/deployments/delays/rollouts/${rolloutId}/advance`);
      return status === 503 && body;
    });
    expect(['REPLICAS_UNKNOWN', 'REPLICA_SILENT']).toContain(refused.code);
    await nats.restart();
    await waitUntil('the stage passes', async () => (await serving.advance('delays', rolloutId, 2)).status === 200);
  });

  it('reads its work as far as it is whole', async () => {
    const outputs = await live();
    await replica.close();
    await appendFile(join(replica.dataDir, 'replicas', 'alone', 'work.jsonl'), '{"id":"half of a li');
    replica = await start(replica.dataDir);
    await waitUntil('it answers with the version', async () => (await replica.infer('delays', [[1, 2]])).body['model_version'] === '1');
    expect((await replica.infer('delays', [[1, 2]])).body['outputs']).toEqual(outputs);
    const name = await serving.deploy('new', 1);
    await waitUntil('it follows', async () => (await replica.infer(name, [[1, 2]])).status === 200);
  });

  it('does not follow another log', async () => {
    await live();
    await replica.close();
    const other = await startTestNats();
    const elsewhere = await startServing({ nats: other.url, config: objects });
    await elsewhere.deploy('other', 1);
    for (let number = 0; number < 40; number += 1) await elsewhere.deploy(`other-${number}`, 1);
    replica = await startTestReplica(serving, { natsUrl: other.url, name: 'alone', dataDir: replica.dataDir });
    await waitUntil('it answers with what it knew', async () => (await replica.infer('delays', [[1, 2]])).body['model_version'] === '1');
    await waitUntil('the other control plane hears it', async () => (await elsewhere.fetchJson('GET', '/serving/v1/replicas')).body.items.length === 2);
    expect((await replica.infer('other', [[1, 2]])).status).toBe(400);
    await elsewhere.close();
    await other.stop();
  });
});
