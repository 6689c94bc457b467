import { createDatabase, tempDir, waitUntil } from '@cairn/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { slowOnnx } from '../support/onnx-model.js';
import { startServing, type Serving } from '../support/serving.js';

const OTHER = { weights: [-0.25, 0.5], bias: 1 };
const kill = ({ fetchJson }: Serving, name = 'delays') => fetchJson('POST', `/serving/v1/deployments/${name}/kill`, { reason: 'it is wrong' });
const restore = ({ fetchJson }: Serving, name = 'delays') => fetchJson('POST', `/serving/v1/deployments/${name}/restore`, { reason: 'it was right' });

interface Seen {
  /** Whether the switch had been confirmed before the request was sent. */
  readonly after: boolean;
  readonly status: number;
  readonly arm: string | undefined;
}

describe('the kill switch under load', () => {
  let cleanUp: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const step of cleanUp.reverse()) await step();
    cleanUp = [];
  });

  async function started(...options: Parameters<typeof startServing>): Promise<Serving> {
    const serving = await startServing(...options);
    cleanUp.push(() => serving.close());
    return serving;
  }

  it('lets nobody who asks after its answer have an answer of what it stopped, by number neither, and fails nobody', async () => {
    const serving = await started();
    await serving.deploy();
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
    const rolloutId = await serving.rollOut('delays', await serving.version({ version: 2, model: OTHER }), { canary_weight: 0.5 });
    await serving.advance('delays', rolloutId, 2);
    const seen: Seen[] = [];
    let [isKilled, isOver] = [false, false];
    const callers = Array.from({ length: 16 }, async () => {
      while (!isOver) {
        const after = isKilled;
        const { status, body } = await serving.infer('delays', [[1, 2]]);
        seen.push({ after, status, arm: body.parameters?.arm });
      }
    });
    const has = (arm: string, after: boolean, times: number) => seen.filter((one) => one.arm === arm && one.after === after).length >= times;
    await waitUntil('both versions answer', () => has('live', false, 20) && has('canary', false, 20));
    expect((await kill(serving)).status).toBe(200);
    isKilled = true;
    await waitUntil('the fallback answers', () => has('fallback', true, 200));
    isOver = true;
    await Promise.all(callers);
    expect(seen.filter(({ status }) => status !== 200)).toEqual([]);
    expect(seen.filter(({ after, arm }) => after && arm !== 'fallback')).toEqual([]);
    await restore(serving);
    expect((await serving.infer('delays', [[1, 2]])).body.parameters.arm).not.toBe('fallback');
  });

  it.each(['constant', 'version'] as const)('begins nothing that waits for a slow model: the fallback, a %s, answers it', async (kind) => {
    const serving = await started();
    const row = { name: 'features', datatype: 'FP32', shape: [1, 2], data: [1, 2] };
    const slow = (version: number, scale: number) =>
      serving.version({
        version, modelName: 'flight-delay', onnx: slowOnnx(),
        signature: { inputs: [{ name: 'features', datatype: 'FP32', shape: [-1, 2] }], outputs: [{ name: 'total', datatype: 'FP32', shape: [-1, 2] }] },
        golden: Buffer.from(JSON.stringify({ inputs: [row], outputs: [{ ...row, name: 'total' }], tolerance: scale })),
      });
    await serving.deploy('slow', 1);
    await serving.complete('slow', await serving.rollOut('slow', await slow(1, 0), { canary_weight: 0.1 }));
    if (kind === 'version') await serving.fetchJson('PUT', '/serving/v1/deployments/slow/fallback', { kind, version_id: await slow(2, 1) });
    const runs = async () => (await serving.fetchJson('GET', '/v2/models/slow/stats')).body.model_stats[0].execution_count;
    const before = await runs();
    const asked = Promise.all(Array.from({ length: 100 }, (_, index) => serving.infer('slow', [[index, 1]])));
    await waitUntil('some are answered and others wait', async () => (await runs()) > before);
    await kill(serving, 'slow');
    const ran = await runs();
    const answers = await asked;
    // At most the one that was running when the switch was thrown has come to its end since.
    expect(await runs()).toBeLessThanOrEqual(ran + 1);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    const byFallback = answers.filter(({ body }) => body.parameters.arm === 'fallback');
    expect(byFallback.length).toBeGreaterThan(0);
    answers.forEach(({ body: { parameters, outputs } }, index) => {
      const isConstant = parameters.arm === 'fallback' && kind === 'constant';
      expect({ index, ...outputs[0] }).toMatchObject({ index, name: 'total', data: isConstant ? [0.25, 0.25] : [index, 1] });
      if (parameters.arm === 'fallback') expect(parameters).toMatchObject({ fallback: kind, kill_switch: true });
    });
  });

  it('holds in every process that follows the log, and after a restart from the first answer on', async () => {
    const database = await createDatabase();
    cleanUp.push(() => database.drop());
    const options = { database, config: { objectStoreUrl: `file://${tempDir('objects')}` } };
    const serving = await started(options);
    await serving.deploy('delays', 1);
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
    const other = await started(options);
    const armAt = async (one: Serving) => (await one.infer('delays', [[1, 2]])).body.parameters?.arm;
    await waitUntil('the other process serves', async () => (await armAt(other)) === 'live');
    await kill(serving);
    expect(await armAt(serving)).toBe('fallback');
    await waitUntil('the switch is on in the other process', async () => (await armAt(other)) === 'fallback');
    const third = await started(options);
    await waitUntil('the third process answers', async () => (await third.infer('delays', [[1, 2]])).status === 200);
    expect(await armAt(third)).toBe('fallback');
    await restore(third);
    for (const one of [serving, other, third]) await waitUntil('the switch is off', async () => (await armAt(one)) === 'live');
  });

  it('leaves a read model that the log gives again', async () => {
    const serving = await started();
    await serving.deploy('delays', 1);
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
    const standby = await serving.version({ version: 2, model: OTHER });
    const put = (body: object) => serving.fetchJson('PUT', '/serving/v1/deployments/delays/fallback', body);
    expect((await put({ kind: 'version', version_id: standby })).status).toBe(200);
    await kill(serving);
    const rebuilt = () => serving.fetchJson('POST', '/serving/v1/admin/rebuild', { swap: false });
    expect((await rebuilt()).body).toMatchObject({ identical: true });
    await restore(serving);
    expect((await put({ kind: 'constant', value: 1 })).status).toBe(200);
    expect((await rebuilt()).body).toMatchObject({ identical: true });
  });
});
