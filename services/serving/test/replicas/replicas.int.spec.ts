import { startTestNats, waitUntil } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestReplica, type TestReplica } from '../support/replica.js';
import { startServing, type Serving } from '../support/serving.js';

let nats: Awaited<ReturnType<typeof startTestNats>>;
let serving: Serving;
let one: TestReplica;
let two: TestReplica;

const known = async (): Promise<{ name: string; state: string; deployments: { name: string; instance_ids: string[]; versions: { ready: number }[] }[] }[]> =>
  (await serving.fetchJson('GET', '/serving/v1/replicas')).body.items;
const listed = (...names: string[]) =>
  waitUntil(`${names.join(' and ')} are known`, async () => {
    const all = await known();
    return names.every((name) => all.some((replica) => replica.name === name)) && all.length === names.length + 1;
  });

beforeAll(async () => {
  nats = await startTestNats();
  serving = await startServing({ nats: nats.url });
  [one, two] = await Promise.all([startTestReplica(serving, { natsUrl: nats.url, name: 'one' }), startTestReplica(serving, { natsUrl: nats.url, name: 'two' })]);
  await listed('one', 'two');
});

afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
  await serving.close();
  await nats.stop();
});

describe('replicas of other processes', () => {
  it('learn from events what to serve, prove it each, and answer alike', async () => {
    await serving.deploy('alike', 2);
    const versionId = await serving.version();
    const rolloutId = await serving.rollOut('alike', versionId);
    const { body: started } = await serving.fetchJson('GET', `/serving/v1/deployments/alike/rollouts/${rolloutId}`);
    expect(started.proofs.filter(({ proved, member }: { proved: boolean; member: boolean }) => proved && member)).toHaveLength(6);
    await serving.complete('alike', rolloutId);
    const answers = await Promise.all([serving.infer('alike', [[1, 2]]), one.infer('alike', [[1, 2]]), two.infer('alike', [[1, 2]])]);
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toMatchObject({ model_version: '1', parameters: { arm: 'live' }, outputs: answers[0]?.body.outputs });
    }
  });

  it('judge a stage by what all of them have seen', async () => {
    await serving.deploy('judged', 1);
    const rolloutId = await serving.rollOut('judged', await serving.version(), { minimum_requests: 3 });
    const { body: early } = await serving.fetchJson('POST', `/serving/v1/deployments/judged/rollouts/${rolloutId}/advance`);
    expect(early.code).toBe('STAGE_NOT_PASSED');
    for (const replica of [one, two]) await replica.infer('judged', [[1, 2]]);
    await serving.infer('judged', [[1, 2]]);
    const { status, body } = await serving.fetchJson('POST', `/serving/v1/deployments/judged/rollouts/${rolloutId}/advance`);
    expect([status, body.stage]).toEqual([200, 'canary']);
    expect(body.judgements.at(-1)).toMatchObject({ requests: 3, rows: 3, verdict: 'pass' });
  });

  it('send the same key the same way', async () => {
    await serving.deploy('sticky', 1);
    const rolloutId = await serving.rollOut('sticky', await serving.version(), { canary_weight: 0.5 });
    await serving.advance('sticky', rolloutId, 2);
    const armOf = async (ask: Pick<TestReplica, 'infer'>, key: string) => {
      const { body } = await ask.infer('sticky', [[1, 2]], { parameters: { key } });
      return (body as { parameters: { arm: string } }).parameters.arm;
    };
    const keys = Array.from({ length: 40 }, (_, index) => `caller-${index}`);
    const arms = await Promise.all(keys.map((key) => armOf(one, key)));
    expect(await Promise.all(keys.map((key) => armOf(two, key)))).toEqual(arms);
    expect(new Set(arms).size).toBe(2);
  });

  it('seal what they recorded when the control plane wants it', async () => {
    await serving.deploy('sealed', 1);
    await one.infer('sealed', [[1, 2], [3, 4]]);
    await two.infer('sealed', [[1, 2]]);
    const { status, body } = await serving.fetchJson('POST', '/serving/v1/deployments/sealed/seal');
    expect(status).toBe(200);
    expect(body.items.map(({ row_count }: { row_count: number }) => row_count).sort()).toEqual([1, 2]);
  });

  it('obey the kill switch before it is answered', async () => {
    await serving.deploy('stopped', 1);
    const rolloutId = await serving.rollOut('stopped', await serving.version());
    await serving.complete('stopped', rolloutId);
    expect((await one.infer('stopped', [[1, 2]])).body).toMatchObject({ parameters: { arm: 'live' } });
    const { status, body } = await serving.fetchJson('POST', '/serving/v1/deployments/stopped/kill', { reason: 'it harms' });
    expect([status, body.everywhere]).toEqual([200, true]);
    for (const replica of [one, two]) {
      const answered = await replica.infer('stopped', [[1, 2]]);
      expect(answered).toMatchObject({ status: 200, body: { parameters: { arm: 'fallback', kill_switch: true }, outputs: [{ data: [0.25] }] } });
    }
    await serving.fetchJson('POST', '/serving/v1/deployments/stopped/restore', { reason: 'it is mended' });
    for (const replica of [one, two]) expect((await replica.infer('stopped', [[1, 2]])).body).toMatchObject({ parameters: { arm: 'live' } });
  });

  it('are shown with what they hold', async () => {
    await serving.deploy('shown', 2);
    const rolloutId = await serving.rollOut('shown', await serving.version());
    await serving.complete('shown', rolloutId);
    const all = await waitUntil('all show the version', async () => {
      const shown = (await known()).map(({ deployments }) => deployments.find(({ name }) => name === 'shown'));
      return shown.every((deployment) => deployment?.versions[0]?.ready === 2) && shown;
    });
    expect(new Set(all.flatMap((deployment) => deployment?.instance_ids ?? [])).size).toBe(6);
    const { status } = await serving.fetchJson('DELETE', '/serving/v1/replicas/one');
    expect(status).toBe(409);
    expect((await serving.fetchJson('DELETE', '/serving/v1/replicas/nobody')).status).toBe(404);
  });

  it('are waited for when they come in the middle of a rollout, and no longer when they leave', async () => {
    await serving.deploy('late', 1);
    const rolloutId = await serving.rollOut('late', await serving.version());
    const three = await startTestReplica(serving, { natsUrl: nats.url, name: 'three' });
    await listed('one', 'two', 'three');
    await waitUntil('the newcomer proves the version too', async () => {
      const { body } = await serving.fetchJson('GET', `/serving/v1/deployments/late/rollouts/${rolloutId}`);
      return body.proofs.filter(({ member }: { member: boolean }) => member).length === 4;
    });
    expect((await serving.advance('late', rolloutId, 2)).status).toBe(200);
    await three.close();
    await listed('one', 'two');
    expect((await serving.advance('late', rolloutId, 200)).status).toBe(200);
  });
});
