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

describe('GET /api/2.0/mlflow/metrics/{get-history-bulk,get-history-bulk-interval}', () => {
  let tracking: TrackingClient;
  let runs: string[];
  beforeAll(async () => {
    tracking = await startTracking();
    const experiment = await tracking.experiment();
    runs = (await Promise.all([tracking.run(experiment), tracking.run(experiment)])).sort();
    const log = (run_id: string | undefined, steps: readonly number[]) =>
      tracking.mlflow('POST', 'runs/log-batch', { run_id, metrics: steps.map((step) => ({ key: 'm', value: step === 3 ? 'NaN' : step / 2, timestamp: 100 - step, step })) });
    await log(runs[0], Array.from({ length: 100 }, (_, step) => step));
    await log(runs[1], [3, 150]);
  });
  afterAll(() => tracking.close());

  const ask = async (route: string, fields: readonly (readonly [string, string | number])[]) =>
    tracking.fetchJson('GET', `/ajax-api/2.0/mlflow/metrics/${route}?${new URLSearchParams(fields.map(([name, value]): [string, string] => [name, String(value)]))}`);
  const bulk = (...more: (readonly [string, string | number])[]) => ask('get-history-bulk', [...runs.map((id) => ['run_id', id] as const), ['metric_key', 'm'], ...more]);
  const interval = (...more: (readonly [string, string | number])[]) =>
    ask('get-history-bulk-interval', [...runs.map((id) => ['run_ids', id] as const), ['metric_key', 'm'], ...more]);
  const stepsOf = (body: { metrics: { run_id: string; step: number }[] }, run: string | undefined) => body.metrics.filter(({ run_id }) => run_id === run).map(({ step }) => step);

  describe('200', () => {
    it('lists run by run, by time, up to a limit over all', async () => {
      const { body } = await bulk();
      expect(body.metrics).toHaveLength(102);
      expect(body.metrics[0]).toEqual({ key: 'm', value: 49.5, timestamp: 1, step: 99, run_id: runs[0] });
      expect(body.metrics.at(-1)).toEqual({ key: 'm', value: 'NaN', timestamp: 97, step: 3, run_id: runs[1] });
      expect((await bulk(['max_results', 101])).body.metrics.at(-1)).toMatchObject({ step: 150, run_id: runs[1] });
      expect((await bulk(['max_results', 1_000_000])).status).toBe(200);
      expect((await ask('get-history-bulk', [['run_id', NO_RUN], ['metric_key', 'm']])).body).toEqual({ metrics: [] });
    });

    it('samples the steps of all runs, and keeps the first and the last of each', async () => {
      const { body } = await interval(['max_results', 10]);
      // 101 steps: every tenth, and each run's own ends.
      expect(stepsOf(body, runs[0])).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99]);
      expect(stepsOf(body, runs[1])).toEqual([3, 150]);
      expect((await interval()).body.metrics).toHaveLength(102);
      expect((await tracking.fetchJson('GET', `/api/2.0/mlflow/metrics/get-history-bulk-interval?run_ids=${runs[1]}&metric_key=m`)).body.metrics).toHaveLength(2);
    });

    it('samples within steps', async () => {
      expect(stepsOf((await interval(['start_step', 2], ['end_step', 5])).body, runs[0])).toEqual([2, 3, 4, 5]);
      expect((await interval(['start_step', 1_000], ['end_step', 2_000])).body).toEqual({});
    });
  });

  describe('400', () => {
    it.each<[string, string, [string, string | number][]]>([
      ['no run', 'get-history-bulk', [['metric_key', 'm']]], ['no metric', 'get-history-bulk', [['run_id', NO_RUN]]],
      ['more runs than 100', 'get-history-bulk', [['metric_key', 'm'], ...Array.from({ length: 101 }, (): [string, string] => ['run_id', NO_RUN])]],
      ['no run', 'get-history-bulk-interval', [['metric_key', 'm']]],
      ['half of an interval', 'get-history-bulk-interval', [['run_ids', NO_RUN], ['metric_key', 'm'], ['start_step', 1]]],
      ['an interval that ends before it begins', 'get-history-bulk-interval', [['run_ids', NO_RUN], ['metric_key', 'm'], ['start_step', 2], ['end_step', 1]]],
      ['a step that is none', 'get-history-bulk-interval', [['run_ids', NO_RUN], ['metric_key', 'm'], ['start_step', 'x'], ['end_step', 1]]],
      ['too many results', 'get-history-bulk-interval', [['run_ids', NO_RUN], ['metric_key', 'm'], ['max_results', 2_501]]],
    ])('refuses %s for %s', async (_, route, fields) => {
      expect(await ask(route, fields)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });
  });
});
