import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

const chosen = { key: 'hidden_units', value: '32', origin: 'set' };
const defaulted = { key: 'learning_rate', value: '0.001', origin: 'default', library: '@tensorflow/tfjs', library_version: '4.22.0' };

describe('/tracking/v1/runs/{id}', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  const newRun = async (): Promise<string> => tracking.run(await tracking.experiment());
  const logParams = (runId: string, params: unknown) => tracking.fetchJson('POST', `/tracking/v1/runs/${runId}/params`, { params });
  const card = (runId: string) => tracking.fetchJson('GET', `/tracking/v1/runs/${runId}`);

  describe('200', () => {
    it('says where each parameter came from', async () => {
      const runId = await newRun();
      expect(await logParams(runId, [chosen, defaulted])).toMatchObject({ status: 200, body: { run_id: runId, params: [chosen, defaulted] } });
    });

    it('learns that a value which a client logged is a default', async () => {
      const runId = await newRun();
      await tracking.mlflow('POST', 'runs/log-parameter', { run_id: runId, key: 'learning_rate', value: '0.001' });
      expect((await logParams(runId, [defaulted])).body.params).toEqual([defaulted]);
    });

    it('shows the verdict with what was observed and required', async () => {
      const experimentId = await tracking.experiment();
      const criteria = [
        { metric: 'auc', comparison: '>=', threshold: 0.68, sample_metric: 'rows', minimum_sample: 10 },
        { metric: 'auc', comparison: '>=', threshold: 0.02, baseline_metric: 'single' },
        { metric: 'absent', comparison: '<', threshold: 0 },
      ];
      await tracking.fetchJson('POST', `/tracking/v1/experiments/${experimentId}/criteria`, { criteria });
      const run_id = await tracking.run(experimentId);
      expect((await card(run_id)).body).toMatchObject({ status: 'RUNNING', verdict: null, results: [], end_time_ms: null });
      const metrics = { auc: 0.661, rows: 100, single: 0.5 };
      await tracking.mlflow('POST', 'runs/log-batch', { run_id, metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp: 1 })) });
      await tracking.mlflow('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 5 });
      expect((await card(run_id)).body).toMatchObject({
        status: 'FINISHED', end_time_ms: 5, metrics, criteria_version: 1, verdict: 'fail', started_by: 'local',
        results: [
          { ...criteria[0], verdict: 'fail', observed: 0.661, required: 0.68 },
          { ...criteria[1], verdict: 'pass', observed: 0.661, required: 0.52 },
          { ...criteria[2], verdict: 'inconclusive', observed: null, required: 0 },
        ],
      });
    });

    it('has no verdict without criteria', async () => {
      const run_id = await newRun();
      await tracking.mlflow('POST', 'runs/update', { run_id, status: 'FINISHED' });
      expect((await card(run_id)).body).toMatchObject({ criteria_version: 0, verdict: null });
    });
  });

  describe('400', () => {
    it.each([
      ['no list', undefined], ['an empty list', []], ['no origin', [{ key: 'k', value: 'v' }]], ['a guess', [{ ...chosen, origin: 'guessed' }]],
      ['a number', [{ ...chosen, value: 32 }]], ['a key that is none', [{ ...chosen, key: 'a*' }]], ['a field that is none', [{ ...chosen, why: 'x' }]],
      ['NUL', [{ ...chosen, value: '\0' }]],
    ])('refuses %s', async (_, params) => {
      expect(await logParams(NO_RUN, params)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });

    it('refuses a default of nobody', async () => {
      expect(await logParams(await newRun(), [{ ...defaulted, library: '' }])).toMatchObject({ status: 400, body: { code: 'INVALID_PARAM_ORIGIN' } });
    });
  });

  describe('404', () => {
    it('knows no such run', async () => {
      expect(await card(NO_RUN)).toMatchObject({ status: 404, body: { code: 'RUN_NOT_FOUND' } });
      expect(await logParams('abc', [chosen])).toMatchObject({ status: 404, body: { code: 'RUN_NOT_FOUND' } });
    });
  });

  describe('409', () => {
    it('never changes a parameter', async () => {
      const runId = await newRun();
      await logParams(runId, [chosen]);
      expect(await logParams(runId, [{ ...chosen, value: '64' }])).toMatchObject({ status: 409, body: { code: 'PARAM_CHANGED' } });
    });
  });
});
