import { waitUntil } from '@cairn/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../../test/support/serving.js';

describe('a replica is killed in the middle of a rollout', () => {
  let serving: Serving;
  let rolloutId: string;

  beforeEach(async () => {
    serving = await startServing();
    await serving.deploy();
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
    rolloutId = await serving.rollOut('delays', await serving.version({ model: { weights: [0.125, 1], bias: 0 }, version: 2 }), { canary_weight: 0.5 });
    for (const requests of [2, 50]) expect(await serving.advance('delays', rolloutId, requests)).toMatchObject({ status: 200 });
  });

  afterEach(() => serving.close());

  const rollout = async () => (await serving.fetchJson('GET', `/serving/v1/deployments/delays/rollouts/${rolloutId}`)).body;
  const members = async () => (await rollout()).proofs.filter((replica: { member: boolean }) => replica.member);
  const armOf = async () => (await serving.infer('delays', [[1, 2]])).body.parameters?.arm;

  it('proved: the one in its place proves by itself, and only then the rollout completes', async () => {
    const killed = await serving.killReplica('delays');
    expect(await armOf()).toBe('full');
    await waitUntil('the proof of the new replica', async () => (await members()).length === 2);
    expect(await serving.advance('delays', rolloutId, 2)).toMatchObject({ status: 200, body: { status: 'completed' } });
    const { proofs } = await rollout();
    expect(proofs).toHaveLength(3);
    const completed = (await eventsOf('cairn.serving.v1.RolloutCompleted')).at(-1);
    expect(completed?.data.replicaIds).toHaveLength(2);
    expect(completed?.data.replicaIds).not.toContain(killed);
    await isConsistent();
  });

  it('not proved: the one in its place loads something else, and the rollout never completes', async () => {
    await serving.damageModel(rolloutId);
    await serving.killReplica('delays');
    await waitUntil('the failed proof', async () => (await members()).some((replica: { proved: boolean }) => !replica.proved));
    expect(await serving.advance('delays', rolloutId, 2)).toMatchObject({ status: 422, body: { code: 'REPLICAS_NOT_PROVED' } });
    // The replica that had proved it goes on answering; the other one gets none of its traffic.
    expect(await armOf()).toBe('full');
    expect(await serving.fetchJson('POST', `/serving/v1/deployments/delays/rollouts/${rolloutId}/abort`, { reason: 'damaged' })).toMatchObject({ status: 200 });
    expect(await armOf()).toBe('live');
    expect(await eventsOf('cairn.serving.v1.RolloutCompleted')).toHaveLength(1);
    await isConsistent();
  });

  it('requests that it held fail with 503, and the next ones are answered', async () => {
    const rows = Array.from({ length: 16_384 }, () => [1, 2]);
    const sent = Promise.all(Array.from({ length: 8 }, () => serving.infer('delays', rows)));
    await serving.killReplica('delays');
    for (const { status, body } of await sent) {
      if (status !== 200) expect({ status, body }).toMatchObject({ status: 503, body: { error: expect.stringContaining('send it again') } });
    }
    expect((await serving.infer('delays', [[1, 2]])).status).toBe(200);
  });

  async function eventsOf(type: string) {
    const { events } = await serving.store.readAll(0n, { filter: { types: [type] } });
    return events as readonly { readonly data: { readonly replicaIds?: readonly string[] } }[];
  }

  async function isConsistent() {
    const { body } = await serving.fetchJson('POST', '/serving/v1/admin/rebuild', { swap: false });
    expect(body).toMatchObject({ identical: true });
  }
});
