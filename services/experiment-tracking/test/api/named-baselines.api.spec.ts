import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';
import { versionCreated } from '../support/version-created.js';

const auc = { metric: 'auc', comparison: '>=', threshold: 0.02 };
const slice = { slice: 'origin/JFK', sample_metric: 'rows', minimum_sample: 100 };

describe('/tracking/v1/experiments/{id}/criteria with slices and named baselines', () => {
  let tracking: TrackingClient;
  let experimentId: string;
  let low: string;
  let high: string;
  beforeAll(async () => {
    tracking = await startTracking();
    experimentId = await tracking.experiment();
    [low, high] = [await ended({ auc: 0.6, 'auc/slice/origin/JFK': 0.5 }), await ended({ auc: 0.7, loss: 'NaN' })];
    await ended({ auc: 0.99 }, 'FAILED');
  });
  afterAll(() => tracking.close());

  const ended = async (metrics: Record<string, unknown>, status = 'FINISHED', experiment_id = experimentId): Promise<string> => {
    const run_id = await tracking.run(experiment_id);
    const points = Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 1 }));
    await tracking.mlflow('POST', 'runs/log-batch', { run_id, metrics: points });
    if (status !== 'RUNNING') await tracking.mlflow('POST', 'runs/update', { run_id, status, end_time: 2 });
    return run_id;
  };
  const declare = (criteria: unknown, id = experimentId) => tracking.fetchJson('POST', `/tracking/v1/experiments/${id}/criteria`, { criteria });
  describe('201', () => {
    it('finds the best finished run once, in the direction of the comparison', async () => {
      const id = await tracking.experiment();
      await ended({ auc: 0.6 }, 'FINISHED', id);
      const second = await ended({ auc: 0.7 }, 'FINISHED', id);
      await ended({ auc: 0.99 }, 'RUNNING', id);
      const found = { kind: 'best_run', run_id: second, value: 0.7, considered_runs: 2 };
      expect((await declare([{ ...auc, baseline: { best_run: true } }], id)).body).toMatchObject({ version: 1, after_first_run: true, criteria: [{ ...auc, baseline: found }] });
      await ended({ auc: 0.8 }, 'FINISHED', id);
      expect((await declare([{ ...auc, baseline: { best_run: true } }], id)).body).toMatchObject({ version: 1, criteria: [{ baseline: found }] });
      const fewer = { ...auc, comparison: '<=', baseline: { best_run: true } };
      expect((await declare([fewer], id)).body).toMatchObject({ version: 2, criteria: [{ baseline: { value: 0.6, considered_runs: 3 } }] });
    });

    it('judges by what the named run had measured when it was named', async () => {
      const id = await tracking.experiment();
      expect((await declare([{ ...auc, baseline: { run_id: high } }], id)).body.criteria).toEqual([{ ...auc, baseline: { kind: 'run', run_id: high, value: 0.7 } }]);
      await tracking.mlflow('POST', 'runs/log-metric', { run_id: high, key: 'auc', value: 0.9, timestamp: 2, step: 5 });
      const run_id = await ended({ auc: 0.73 }, 'FINISHED', id);
      const card = await tracking.fetchJson('GET', `/tracking/v1/runs/${run_id}`);
      expect(card.body).toMatchObject({ verdict: 'pass', results: [{ observed: 0.73, required: 0.7 + 0.02, baseline: { run_id: high, value: 0.7 } }] });
    });

    it('takes the run that made a version of a registered model', async () => {
      await versionCreated(tracking, 'late flights', 3, low);
      const id = await tracking.experiment();
      const { body } = await declare([{ ...auc, baseline: { model: 'late flights', version: 3 } }], id);
      expect(body.criteria).toEqual([{ ...auc, baseline: { kind: 'model_version', run_id: low, value: 0.6, model: 'late flights', version: 3 } }]);
    });

    it('judges a slice by metrics that are logged as <metric>/slice/<slice>', async () => {
      const id = await tracking.experiment();
      const sliced = { ...auc, ...slice, baseline: { run_id: low } };
      expect((await declare([sliced], id)).body.criteria).toEqual([{ ...auc, ...slice, baseline: { kind: 'run', run_id: low, value: 0.5 } }]);
      const run_id = await ended({ auc: 0.1, 'auc/slice/origin/JFK': 0.53, 'rows/slice/origin/JFK': 100 }, 'FINISHED', id);
      const { body } = await tracking.fetchJson('GET', `/tracking/v1/runs/${run_id}`);
      expect(body).toMatchObject({ verdict: 'pass', results: [{ metric: 'auc', slice: 'origin/JFK', observed: 0.53 }] });
    });
  });

  describe('400', () => {
    it.each([
      ['an empty baseline', { baseline: {} }], ['two baselines', { baseline: { run_id: NO_RUN, best_run: true } }], ['a model without a version', { baseline: { model: 'm' } }],
      ['a metric and a run', { baseline_metric: 'base', baseline: { run_id: 'HIGH' } }],
    ])('refuses %s', async (_, fields) => {
      const criterion = JSON.parse(JSON.stringify({ ...auc, ...fields }).replace('HIGH', high));
      expect(await declare([criterion])).toMatchObject({ status: 400, body: { code: 'INVALID_CRITERIA' } });
    });

    it.each([
      ['a list of baselines', { baseline: [] }], ['a run that is none', { baseline: { run_id: 'x' } }], ['no best run', { baseline: { best_run: false } }],
      ['a slice that climbs', { slice: '../JFK' }], ['a slice with an equals sign', { slice: 'origin=JFK' }],
      ['a sample beyond exact numbers', { sample_metric: 'n', minimum_sample: 1e300 }],
      ['a model with NUL', { baseline: { model: '\0', version: 1 } }],
    ])('refuses %s', async (_, fields) => {
      expect(await declare([{ ...auc, ...fields }])).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });

    it.each([
      ['a run that is not there', { baseline: { run_id: NO_RUN } }], ['a model that is not there', { baseline: { model: 'nobody', version: 1 } }],
      ['a metric that nobody measured', { metric: 'f1', baseline: { best_run: true } }], ['a metric that is not a number', { metric: 'loss', baseline: { best_run: true } }],
    ])('refuses a baseline from %s', async (_, fields) => {
      expect(await declare([{ ...auc, ...fields }])).toMatchObject({ status: 400, body: { code: 'BASELINE_NOT_FOUND', detail: expect.stringContaining('Name a finished run') } });
    });

    it('refuses a run that goes on or failed', async () => {
      for (const status of ['RUNNING', 'FAILED']) {
        expect(await declare([{ ...auc, baseline: { run_id: await ended({ auc: 1 }, status) } }])).toMatchObject({ status: 400, body: { code: 'BASELINE_NOT_FOUND' } });
      }
    });
  });
});
