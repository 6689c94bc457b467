import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_EXPERIMENT, startTracking, type TrackingClient } from '../support/tracking-client.js';

const auc = { metric: 'auc', comparison: '>=', threshold: 0.68 };
const sampled = { ...auc, baseline_metric: 'best_single_auc', threshold: 0, sample_metric: 'rows', minimum_sample: 1000 };

describe('/tracking/v1/experiments/{id}/criteria', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  const declare = (experimentId: string, criteria: unknown) => tracking.fetchJson('POST', `/tracking/v1/experiments/${experimentId}/criteria`, { criteria });
  const list = (experimentId: string, query = '') => tracking.fetchJson('GET', `/tracking/v1/experiments/${experimentId}/criteria${query}`);

  describe('201', () => {
    it('declares criteria, and a change as a new version', async () => {
      const id = await tracking.experiment();
      expect(await declare(id, [auc])).toMatchObject({ status: 201, body: { version: 1, criteria: [auc], after_first_run: false, declared_by: 'local' } });
      expect(await declare(id, [auc, sampled])).toMatchObject({ status: 201, body: { version: 2, criteria: [auc, sampled], after_first_run: false } });
    });

    it('answers with the version in force when nothing changes', async () => {
      const id = await tracking.experiment();
      await declare(id, [auc]);
      const before = await tracking.store.size();
      expect(await declare(id, [auc])).toMatchObject({ status: 201, body: { version: 1 } });
      expect(await tracking.store.size()).toBe(before);
    });

    it('shows what was declared after the first run, and leaves that run its own criteria', async () => {
      const id = await tracking.experiment();
      await declare(id, [auc]);
      const run_id = await tracking.run(id);
      expect(await declare(id, [{ ...auc, threshold: 0.1 }])).toMatchObject({ body: { version: 2, after_first_run: true } });
      await tracking.mlflow('POST', 'runs/log-metric', { run_id, key: 'auc', value: 0.5, timestamp: 1 });
      await tracking.mlflow('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 2 });
      expect((await tracking.fetchJson('GET', `/tracking/v1/runs/${run_id}`)).body).toMatchObject({ criteria_version: 1, verdict: 'fail' });
    });
  });

  describe('200', () => {
    it('lists the versions, newest first, in pages', async () => {
      const id = await tracking.experiment();
      expect((await list(id)).body).toEqual({ items: [] });
      for (const threshold of [0.1, 0.2, 0.3]) await declare(id, [{ ...auc, threshold }]);
      const first = await list(id, '?limit=2');
      expect(first.body.items.map(({ version }: { version: number }) => version)).toEqual([3, 2]);
      const second = await list(id, `?limit=2&page_token=${first.body.next_page_token}`);
      expect(second.body).toEqual({ items: [expect.objectContaining({ version: 1, criteria: [{ ...auc, threshold: 0.1 }] })] });
    });
  });

  describe('400', () => {
    it.each([
      ['no list', undefined], ['an empty list', []], ['no metric', [{ comparison: '>=', threshold: 1 }]], ['a comparison of its own', [{ ...auc, comparison: '=' }]],
      ['a threshold in words', [{ ...auc, threshold: 'high' }]], ['a field that is none', [{ ...auc, slices: 'x' }]], ['a metric with NUL', [{ ...auc, metric: 'a\0' }]],
      ['a negative sample', [{ ...sampled, minimum_sample: -1 }]],
    ])('refuses %s', async (_, criteria) => {
      expect(await declare(NO_EXPERIMENT, criteria)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });

    it('refuses criteria that cannot be judged', async () => {
      expect(await declare(await tracking.experiment(), [{ ...auc, minimum_sample: 5 }])).toMatchObject({ status: 400, body: { code: 'INVALID_CRITERIA' } });
    });

    it('refuses a page token of another list', async () => {
      expect(await list(await tracking.experiment(), `?page_token=${Buffer.from('x').toString('base64url')}`)).toMatchObject({ status: 400, body: { code: 'INVALID_PAGE_TOKEN' } });
    });
  });

  describe('404', () => {
    it('knows no such experiment', async () => {
      expect(await declare(NO_EXPERIMENT, [auc])).toMatchObject({ status: 404, body: { code: 'EXPERIMENT_NOT_FOUND' } });
      expect(await list('abc')).toMatchObject({ status: 404, body: { code: 'EXPERIMENT_NOT_FOUND' } });
    });
  });
});
