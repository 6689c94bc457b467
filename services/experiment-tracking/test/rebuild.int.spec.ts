import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTracking, type TrackingClient } from './support/tracking-client.js';
import { versionCreated } from './support/version-created.js';
import { prices } from './support/price-list.js';

const auc = { metric: 'auc', comparison: '>=', threshold: 0.68 };

const tables = [
  'experiment', 'criteria', 'run', 'param', 'tag', 'run_input', 'run_model', 'deleted_experiment', 'metric_chunk', 'latest_metric', 'artifact', 'logged_model',
  'logged_model_param', 'logged_model_tag', 'logged_model_metric', 'version_run', 'price_list', 'resource_figure',
];

describe('experiment tracking', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  /** Runs with criteria over a version's run, origins by tag, and what they used. */
  const judgedAndPriced = async (experimentId: string): Promise<void> => {
    const first = await tracking.run(experimentId);
    await tracking.mlflow('POST', 'runs/log-metric', { run_id: first, key: 'auc', value: 0.7, timestamp: 1 });
    await tracking.mlflow('POST', 'runs/update', { run_id: first, status: 'FINISHED' });
    await versionCreated(tracking, 'late flights', 1, first);
    const criteria = JSON.stringify([{ ...auc, baseline: { model: 'late flights', version: 1 } }]);
    expect((await tracking.mlflow('POST', 'experiments/set-experiment-tag', { experiment_id: experimentId, key: 'cairn.criteria', value: criteria })).status).toBe(200);
    const run_id = await tracking.run(experimentId);
    const origin = JSON.stringify({ library: 'l', version: '1', keys: ['p'] });
    await tracking.mlflow('POST', 'runs/log-batch', { run_id, params: [{ key: 'p', value: '1' }], tags: [{ key: 'cairn.params.defaulted', value: origin }] });
    await tracking.fetchJson('POST', '/tracking/v1/price-lists', prices);
    const figures = [{ resource: 'energy_wh', amount: 1.5, label: 'measured', method: 'meter' }];
    expect((await tracking.fetchJson('POST', `/tracking/v1/runs/${run_id}/resources`, { figures })).status).toBe(200);
    await tracking.mlflow('POST', 'runs/update', { run_id, status: 'FINISHED' });
  };

  it('gives the same rows again when its log is replayed', async () => {
    const experimentId = await tracking.experiment();
    await tracking.fetchJson('POST', `/tracking/v1/experiments/${experimentId}/criteria`, { criteria: [auc] });
    for (const score of [0.7, NaN, 0.1]) {
      const run_id = await tracking.run(experimentId);
      const metrics = [1, 2, 3].map((step) => ({ key: 'auc', value: Number.isNaN(score) ? 'NaN' : score * step, timestamp: step, step }));
      await tracking.mlflow('POST', 'runs/log-batch', { run_id, metrics, params: [{ key: 'p', value: '1' }], tags: [{ key: 't', value: 'v' }] });
      const model_id = await tracking.model(experimentId, { source_run_id: run_id, params: [{ key: 'p', value: '1' }], tags: [{ key: 't', value: 'v' }] });
      await tracking.mlflow('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset: { name: 'd', digest: 'x' } }], models: [{ model_id }] });
      await tracking.mlflow('POST', 'runs/outputs', { run_id, models: [{ model_id, step: 1 }] });
      await tracking.mlflow('POST', 'runs/log-metric', { run_id, key: 'auc', value: 0.5, timestamp: 9, model_id, dataset_name: 'd', dataset_digest: 'x' });
      await tracking.mlflow('PATCH', `logged-models/${model_id}`, { status: 'LOGGED_MODEL_READY' });
      await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/models/${model_id}/artifacts/MLmodel`, { method: 'PUT', body: 'x' });
      await tracking.mlflow('POST', 'runs/update', { run_id, status: 'FINISHED', run_name: 'renamed' });
      for (const path of ['a/b', 'c']) await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/${run_id}/artifacts/${path}`, { method: 'PUT', body: 'x' });
      await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/${run_id}/artifacts/c`, { method: 'DELETE' });
    }
    await judgedAndPriced(experimentId);
    await tracking.mlflow('POST', 'experiments/delete', { experiment_id: await tracking.experiment() });
    const report = await tracking.running.parts.stateful?.runner.rebuild();
    expect(report).toMatchObject({ identical: true });
    const filled = report?.tables.filter(({ rowsLive }) => rowsLive > 0).map(({ table }) => table);
    expect(filled).toEqual(expect.arrayContaining(tables));
  });

  it('starts many first runs at once, and is locked by one of them', async () => {
    const experimentId = await tracking.experiment();
    const runs = await Promise.all(Array.from({ length: 8 }, () => tracking.run(experimentId)));
    expect(new Set(runs).size).toBe(8);
    const events = await tracking.store.readStream(`experiment-${experimentId}`);
    expect(events.filter(({ type }) => type === 'cairn.tracking.v1.CriteriaLocked')).toHaveLength(1);
  });

  it('lets no declaration slip between the criteria that a first run took and its start', async () => {
    for (let round = 0; round < 5; round += 1) {
      const experimentId = await tracking.experiment();
      await tracking.fetchJson('POST', `/tracking/v1/experiments/${experimentId}/criteria`, { criteria: [auc] });
      const declared = tracking.fetchJson('POST', `/tracking/v1/experiments/${experimentId}/criteria`, { criteria: [{ ...auc, threshold: 0.5 }] });
      const [runId, { body }] = await Promise.all([tracking.run(experimentId), declared]);
      const run = await tracking.fetchJson('GET', `/tracking/v1/runs/${runId}`);
      // Either the declaration came first and the run took it, or the run came first and the declaration says so.
      expect(run.body.criteria_version).toBe(body.after_first_run ? 1 : 2);
    }
  });

  it('gives a name to one of many who ask for it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => tracking.mlflow('POST', 'experiments/create', { name: 'wanted' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400]);
  });
});
