import { parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logistic } from '../../test/support/onnx-model.js';
import { MODEL, startServing, type Serving } from '../../test/support/serving.js';

describe('a rollout', () => {
  let serving: Serving;

  beforeEach(async () => {
    serving = await startServing();
  });

  afterEach(() => serving.close());

  const parametersOf = async (rows: number[][], more = {}) => (await serving.infer('delays', rows, more)).body.parameters;

  it('goes from the fallback over shadow, canary and full to live', async () => {
    await serving.deploy();
    const early = (await serving.infer('delays', [[1, 2], [3, 4]])).body;
    expect(early).toMatchObject({ parameters: { arm: 'fallback', model_version: '' }, outputs: [{ data: [0.25, 0.25] }] });

    const rolloutId = await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 });
    expect((await serving.fetchJson('GET', `/serving/v1/deployments/delays/rollouts/${rolloutId}`)).body).toMatchObject({
      status: 'running', stage: 'shadow', weight: 0, proofs: [{ proved: true, member: true }, { proved: true, member: true }],
    });
    const shadowed = (await serving.infer('delays', [[1, 2]])).body;
    expect(shadowed).toMatchObject({ parameters: { arm: 'fallback' }, outputs: [{ name: 'probability', datatype: 'FP32', shape: [1, 1], data: [0.25] }] });

    const toCanary = await serving.advance('delays', rolloutId, 2);
    const judged = { stage: 'shadow', verdict: 'pass', requests: 3, mean_prediction_incumbent: 0.25 };
    expect(toCanary).toMatchObject({ status: 200, body: { stage: 'canary', weight: 0.5, judgements: [judged] } });

    const arms = new Set<string>();
    for (let key = 0; key < 100; key += 1) {
      const { arm } = await parametersOf([[1, 2]], { parameters: { key: `k${key}` } });
      expect((await parametersOf([[1, 2]], { parameters: { key: `k${key}` } })).arm).toBe(arm);
      arms.add(arm);
    }
    expect(arms).toEqual(new Set(['fallback', 'canary']));

    expect(await serving.advance('delays', rolloutId, 0)).toMatchObject({ status: 200, body: { stage: 'full', weight: 1 } });
    expect(await parametersOf([[1, 2]])).toMatchObject({ arm: 'full', model_version: '1' });
    expect(await serving.advance('delays', rolloutId, 2)).toMatchObject({ status: 200, body: { status: 'completed' } });

    const live = (await serving.infer('delays', [[1, 2]])).body;
    expect(live).toMatchObject({ model_name: 'delays', model_version: '1', parameters: { arm: 'live', model_version: '1' } });
    expect(live.outputs[0].data[0]).toBeCloseTo(logistic(MODEL, [1, 2]), 6);
    expect((await serving.fetchJson('GET', '/serving/v1/deployments/delays')).body).toMatchObject({ live: { version: 1, ready_replicas: 2 } });
  });

  it('gives way to the incumbent when it is aborted', async () => {
    await serving.deploy();
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
    const next = await serving.version({ model: { weights: [0, 0], bias: 0 }, version: 2 });
    const rolloutId = await serving.rollOut('delays', next, { canary_weight: 0.999 });
    expect(await serving.advance('delays', rolloutId, 3)).toMatchObject({ status: 200 });
    expect(await parametersOf([[1, 2]])).toMatchObject({ arm: 'canary', model_version: '2' });
    await serving.fetchJson('POST', `/serving/v1/deployments/delays/rollouts/${rolloutId}/abort`, { reason: 'slow' });
    expect(await parametersOf([[1, 2]])).toMatchObject({ arm: 'live', model_version: '1' });
    const gone = await serving.fetchJson('GET', '/v2/models/delays/versions/2');
    expect(gone.status).toBe(404);
  });

  it('keeps every prediction, those of the shadow too', async () => {
    await serving.deploy();
    const versionId = await serving.version();
    await serving.rollOut('delays', versionId);
    const { inference_id: id } = await parametersOf([[1, 2], [3, 4]], { parameters: { event_time: '2001-04-01T06:00:00Z' } });
    const sealed = await serving.fetchJson('POST', '/serving/v1/deployments/delays/seal');
    const time = '2001-04-01T06:00:00.000Z';
    expect(sealed).toMatchObject({
      status: 200,
      body: { items: [{ row_count: 4, first_inference_id: id, last_inference_id: id, first_time: time, last_time: time, version_ids: [] }] },
    });
    const bytes = await serving.running.parts.objectStore.read(sealed.body.items[0].digest, { maxBytes: 1_000_000 });
    const rows = await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer });
    expect(rows).toMatchObject([
      { prediction_id: `${id}:0`, arm: 'fallback', version_id: '', distance: 1, hour: 2, prediction: 0.25, event_time: new Date('2001-04-01T06:00:00Z') },
      { prediction_id: `${id}:1`, arm: 'fallback', distance: 3, hour: 4, prediction: 0.25 },
      { prediction_id: `${id}:0`, arm: 'shadow', version_id: versionId, distance: 1, hour: 2, prediction: expect.closeTo(logistic(MODEL, [1, 2]), 6) },
      { prediction_id: `${id}:1`, arm: 'shadow', prediction: expect.closeTo(logistic(MODEL, [3, 4]), 6) },
    ]);
  });

  it('has a read model that the log gives again', async () => {
    await serving.deploy();
    await serving.complete('delays', await serving.rollOut('delays', await serving.version(), { canary_weight: 0.5 }));
    await serving.fetchJson('POST', '/serving/v1/deployments/delays/seal');
    const { body } = await serving.fetchJson('POST', '/serving/v1/admin/rebuild', { swap: false });
    expect(body).toMatchObject({ identical: true });
  });
});
