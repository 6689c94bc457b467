import { startTestNats, waitUntil } from '@cairn/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { replicaProcess, type ReplicaProcess } from '../support/replica-process.js';
import { startServing, type Serving } from '../support/serving.js';

const body = JSON.stringify({ inputs: [{ name: 'features', shape: [1, 2], datatype: 'FP32', data: [1, 2] }] });

describe('a replica as a process', () => {
  let nats: Awaited<ReturnType<typeof startTestNats>>;
  let serving: Serving;
  let replica: ReplicaProcess;
  let deployments = 0;
  let name: string;

  beforeAll(async () => {
    nats = await startTestNats();
    serving = await startServing({ nats: nats.url });
    replica = replicaProcess(serving, nats.url, 'frail');
    await replica.start();
  });

  beforeEach(async () => {
    deployments += 1;
    name = await serving.deploy(`frail-${deployments}`, 1);
    await states('alive');
  });

  afterAll(async () => {
    await replica.kill();
    await serving.close();
    await nats.stop();
  });

  const statesNow = async (): Promise<string> => {
    const { body } = await serving.fetchJson('GET', '/serving/v1/replicas');
    return body.items.filter((item: { name: string }) => item.name === 'frail').map(({ state }: { state: string }) => state).join();
  };
  const states = (expected: string) => waitUntil(`the replica is ${expected || 'gone'}`, async () => (await statesNow()) === expected);
  const infer = () => fetch(`${replica.url}/v2/models/${name}/infer`, { method: 'POST', body });
  const advance = (rolloutId: string) => serving.fetchJson('POST', `/serving/v1/deployments/${name}/rollouts/${rolloutId}/advance`);

  async function segmentRows(): Promise<number> {
    await serving.fetchJson('POST', `/serving/v1/deployments/${name}/seal`);
    const { body } = await serving.fetchJson('GET', `/serving/v1/deployments/${name}/segments?limit=100`);
    return body.items.reduce((rows: number, { row_count }: { row_count: number }) => rows + row_count, 0);
  }

  it('that does not answer holds up a rollout, until somebody says that it is gone, and takes part again when it is back', async () => {
    const rolloutId = await serving.rollOut(name, await serving.version());
    for (let asked = 0; asked < 2; asked += 1) await serving.infer(name, [[1, 2]]);
    replica.signal('SIGSTOP');
    const { status, body: refused } = await advance(rolloutId);
    expect([status, refused.code]).toEqual([503, 'REPLICA_SILENT']);
    expect(refused.detail).toContain('frail');
    await states('silent');
    expect((await serving.fetchJson('DELETE', '/serving/v1/replicas/frail')).status).toBe(204);
    expect((await advance(rolloutId)).body.stage).toBe('canary');
    replica.signal('SIGCONT');
    await states('alive');
    await waitUntil('it knows the stage', async () => (await serving.advance(name, rolloutId, 200)).status === 200);
    await waitUntil('it answers with the version', async () => ((await (await infer()).json()) as { parameters: { arm: string } }).parameters.arm === 'full');
  });

  it('that is killed while it answers loses nothing that it answered', async () => {
    let answered = 0;
    let stopped = false;
    const callers = Array.from({ length: 8 }, async () => {
      while (!stopped) {
        const response = await infer().catch(() => undefined);
        // An answer counts when it has come whole.
        if ((await response?.json().then(() => response.status, () => undefined)) === 200) answered += 1;
      }
    });
    await waitUntil('it has answered much', () => answered > 500);
    await replica.kill();
    stopped = true;
    await Promise.all(callers);
    await replica.start();
    await states('alive');
    const rows = await waitUntil('what it left is in the log', async () => {
      const found = await segmentRows();
      return found >= answered && found;
    });
    // What was written down and not answered any more may be there too: one request a caller at most.
    expect(rows - answered).toBeLessThanOrEqual(callers.length);
    const { body: losses } = await serving.fetchJson('GET', `/serving/v1/deployments/${name}/losses`);
    expect(losses.items).toEqual([]);
  });

  it('says that it leaves', async () => {
    await infer();
    expect(await replica.stop()).toBe(0);
    await states('');
    expect(await segmentRows()).toBe(1);
    await replica.start();
  });
});
