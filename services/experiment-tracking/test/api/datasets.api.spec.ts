import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_EXPERIMENT, startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('POST /ajax-api/2.0/mlflow/experiments/search-datasets', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  const search = (experiment_ids: readonly string[]) => tracking.fetchJson('POST', '/ajax-api/2.0/mlflow/experiments/search-datasets', { experiment_ids });

  describe('200', () => {
    it('lists what the runs of experiments used, once for each use', async () => {
      const experiment_id = await tracking.experiment();
      const uses = [['flights', 'a1', 'train'], ['flights', 'a1', 'train'], ['flights', 'b2', ''], ['airports', 'c3', 'eval']] as const;
      for (const [name, digest, context] of uses) {
        const tags = context === '' ? [] : [{ key: 'mlflow.data.context', value: context }];
        await tracking.mlflow('POST', 'runs/log-inputs', { run_id: await tracking.run(experiment_id), datasets: [{ tags, dataset: { name, digest } }] });
      }
      expect((await search([experiment_id, NO_EXPERIMENT])).body).toEqual({
        dataset_summaries: [
          { experiment_id, name: 'airports', digest: 'c3', context: 'eval' },
          { experiment_id, name: 'flights', digest: 'a1', context: 'train' },
          { experiment_id, name: 'flights', digest: 'b2' },
        ],
      });
    });

    it('is empty where nothing was used', async () => {
      expect(await search([await tracking.experiment(), 'abc', '0'])).toMatchObject({ status: 200, body: {} });
    });
  });

  describe('400', () => {
    it.each([['no experiment', []], ['too many', Array.from({ length: 21 }, () => NO_EXPERIMENT)]])('refuses %s', async (_, ids) => {
      expect(await search(ids)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });
  });
});
