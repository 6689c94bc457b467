import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('GET /api/2.0/mlflow/metrics/get-history', () => {
  let tracking: TrackingClient;
  let run_id: string;
  beforeAll(async () => {
    tracking = await startTracking();
    run_id = await tracking.run(await tracking.experiment());
    const metrics = [
      { key: 'm', value: 3, timestamp: 2, step: 0 }, { key: 'm', value: 1, timestamp: 1, step: 1 }, { key: 'm', value: 'NaN', timestamp: 1, step: 1 },
      { key: 'm', value: 1, timestamp: 1, step: 1 }, { key: 'other', value: 7, timestamp: 1, step: 1 },
    ];
    await tracking.mlflow('POST', 'runs/log-batch', { run_id, metrics });
  });
  afterAll(() => tracking.close());

  const history = (fields: object = {}) => tracking.mlflow('GET', 'metrics/get-history', { run_id, metric_key: 'm', ...fields });

  describe('200', () => {
    it('lists every point once, by time, step and value', async () => {
      const { status, body } = await history();
      expect(status).toBe(200);
      expect(body).toEqual({
        metrics: [
          { key: 'm', value: 1, timestamp: 1, step: 1 }, { key: 'm', value: 'NaN', timestamp: 1, step: 1 }, { key: 'm', value: 3, timestamp: 2, step: 0 },
        ],
      });
    });

    it('goes on where a page ended, also after NaN', async () => {
      const values: unknown[] = [];
      let page_token: string | undefined;
      do {
        const { body } = await history({ max_results: 1, ...(page_token !== undefined && { page_token }) });
        values.push(...body.metrics.map(({ value }: { value: unknown }) => value));
        page_token = body.next_page_token;
      } while (page_token !== undefined);
      expect(values).toEqual([1, 'NaN', 3]);
    });

    it('is empty for a metric that was not logged', async () => {
      expect(await history({ metric_key: 'absent' })).toMatchObject({ status: 200, body: {} });
    });
  });

  describe('400', () => {
    it.each([
      ['no metric', { metric_key: '' }], ['no results', { max_results: 0 }], ['more than a page', { max_results: 25_001 }],
      ['a foreign page token', { page_token: Buffer.from('["x","1","2"]').toString('base64url') }],
    ])('refuses %s', async (_, fields) => {
      expect(await history(fields)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });
  });

  describe('404', () => {
    it('knows no such run', async () => {
      expect(await history({ run_id: NO_RUN })).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    });
  });
});
