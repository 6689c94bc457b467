import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('GET /tracking/v1/runs/{id}/reproducibility', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  const report = (runId: string) => tracking.fetchJson('GET', `/tracking/v1/runs/${runId}/reproducibility`);
  const partOf = async (runId: string, name: string) => (await report(runId)).body.parts.find(({ part }: { part: string }) => part === name);

  describe('200', () => {
    it('says what is missing of a run that says nothing, and how to supply it', async () => {
      const runId = await tracking.run(await tracking.experiment());
      const { status, body } = await report(runId);
      expect([status, body.run_id, body.verdict]).toEqual([200, runId, 'incomplete']);
      expect(body.parts.map(({ part }: { part: string }) => part)).toEqual(['code', 'entry_point', 'environment', 'data', 'seeds', 'hardware', 'libraries']);
      expect(body.parts[2]).toMatchObject({ part: 'environment', known: [], missing: [{ what: 'environment', how: expect.stringContaining('mlflow.log_artifact("uv.lock")') }] });
    });

    it('is complete when a plain client has logged it all', async () => {
      const experimentId = await tracking.experiment();
      const git = { 'mlflow.source.git.commit': 'a1b2', 'mlflow.source.git.repoURL': 'u', 'mlflow.source.git.dirty': 'false' };
      const tags = { ...git, 'mlflow.source.name': 'train.py', 'cairn.hardware.cpu_count': '8' };
      const run_id = await tracking.run(experimentId, { tags: Object.entries(tags).map(([key, value]) => ({ key, value })) });
      await tracking.mlflow('POST', 'runs/log-parameter', { run_id, key: 'random_state', value: '42' });
      await tracking.mlflow('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset: { name: 'flights', digest: 'a'.repeat(36) } }] });
      await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/${run_id}/artifacts/env/uv.lock`, { method: 'PUT', body: 'numpy' });
      expect((await report(run_id)).body).toMatchObject({ verdict: 'complete' });
      expect(await partOf(run_id, 'environment')).toMatchObject({ known: [{ value: expect.stringMatching(/[0-9a-f]{64}$/), from: 'artifact env/uv.lock' }] });
      const commit = { what: 'code version', value: 'a1b2', from: 'tag mlflow.source.git.commit' };
      expect(await partOf(run_id, 'code')).toMatchObject({ known: expect.arrayContaining([commit]), missing: [] });
    });

    it('counts the lock file of a logged model that the run made', async () => {
      const experimentId = await tracking.experiment();
      const run_id = await tracking.run(experimentId);
      const model_id = await tracking.model(experimentId, { source_run_id: run_id });
      await tracking.mlflow('POST', 'runs/outputs', { run_id, models: [{ model_id, step: 0 }] });
      await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experimentId}/models/${model_id}/artifacts/requirements.txt`, { method: 'PUT', body: 'numpy==2.1' });
      expect(await partOf(run_id, 'environment')).toMatchObject({ known: [{ from: 'artifact requirements.txt' }], missing: [] });
    });
  });

  describe('404', () => {
    it.each([NO_RUN, 'abc', 'run%00'])('knows no run %s', async (runId) => {
      expect(await report(runId)).toMatchObject({ status: 404, body: { code: 'RUN_NOT_FOUND' } });
    });
  });
});
