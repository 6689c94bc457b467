import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_EXPERIMENT, NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

const absent = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
const invalid = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };

describe('/api/2.0/mlflow/runs/{create,get,update,search}', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  describe('200', () => {
    it('creates a run as MLflow shows it', async () => {
      const experiment_id = await tracking.experiment();
      const { status, body } = await tracking.mlflow('POST', 'runs/create', {
        experiment_id, user_id: 'ada', start_time: 1795229295153, tags: [{ key: 'mlflow.user', value: 'ada' }],
      });
      expect(status).toBe(200);
      const { run_id, run_name } = body.run.info;
      expect(run_id).toMatch(/^[0-9a-f]{32}$/);
      expect(run_name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
      expect(body.run).toEqual({
        info: {
          run_uuid: run_id, run_id, experiment_id, run_name, user_id: 'ada', status: 'RUNNING', start_time: 1795229295153,
          artifact_uri: `mlflow-artifacts:/${experiment_id}/${run_id}/artifacts`, lifecycle_stage: 'active',
        },
        data: { tags: [{ key: 'mlflow.runName', value: run_name }, { key: 'mlflow.user', value: 'ada' }] },
        inputs: {},
        outputs: {},
      });
      expect((await tracking.mlflow('GET', 'runs/get', { run_id })).body).toEqual(body);
      expect((await tracking.mlflow('GET', 'runs/get', { run_uuid: run_id })).body).toEqual(body);
    });

    it('takes the name from the field or from the tag', async () => {
      const experiment_id = await tracking.experiment();
      const nameOf = async (fields: object): Promise<string> => (await tracking.mlflow('POST', 'runs/create', { experiment_id, ...fields })).body.run.info.run_name;
      expect(await nameOf({ run_name: 'by field' })).toBe('by field');
      expect(await nameOf({ tags: [{ key: 'mlflow.runName', value: 'by tag' }] })).toBe('by tag');
    });

    it('takes runs for experiment 0, which the first of them makes', async () => {
      const inOwn = { 'x-cairn-workspace': 'fresh' };
      const create = () => tracking.fetchJson('POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' }, inOwn);
      const [first, second] = await Promise.all([create(), create()]);
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(first.body.run.info.experiment_id).toBe(second.body.run.info.experiment_id);
      const { body } = await tracking.fetchJson('GET', '/api/2.0/mlflow/experiments/get?experiment_id=0', undefined, inOwn);
      expect(body.experiment.name).toBe('Default');
    });

    it('ends and resumes a run, and renames it', async () => {
      const run_id = await tracking.run(await tracking.experiment());
      const update = async (fields: object) => (await tracking.mlflow('POST', 'runs/update', { run_id, ...fields })).body.run_info;
      expect(await update({ status: 'FINISHED', end_time: 9 })).toMatchObject({ status: 'FINISHED', end_time: 9 });
      expect(await update({ status: 'RUNNING', run_name: 'renamed' })).toMatchObject({ status: 'RUNNING', run_name: 'renamed' });
      expect(await update({ status: 'FAILED', run_name: 'renamed again' })).toMatchObject({ status: 'FAILED', run_name: 'renamed again' });
      expect(await update({})).toMatchObject({ status: 'FAILED' });
    });

    it('records the same end once', async () => {
      const run_id = await tracking.run(await tracking.experiment());
      const end = () => tracking.mlflow('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 9 });
      await end();
      const before = await tracking.store.size();
      expect((await end()).status).toBe(200);
      expect(await tracking.store.size()).toBe(before);
    });

    it('starts the same run for a repeated request', async () => {
      const experiment_id = await tracking.experiment();
      const create = () => tracking.fetchJson('POST', '/api/2.0/mlflow/runs/create', { experiment_id }, { 'idempotency-key': 'r' });
      const [first, second] = [await create(), await create()];
      expect(second.body).toEqual(first.body);
    });

    it('searches in the order of metrics, what has none or no number last', async () => {
      const experiment_id = await tracking.experiment();
      const scores: Record<string, number | string | undefined> = { low: 0.1, high: 0.9, broken: 'NaN', none: undefined };
      for (const [run_name, value] of Object.entries(scores)) {
        const run_id = await tracking.run(experiment_id, { run_name });
        if (value !== undefined) await tracking.mlflow('POST', 'runs/log-metric', { run_id, key: 'auc', value, timestamp: 1 });
      }
      const names = async (...order_by: string[]): Promise<string[]> =>
        (await tracking.mlflow('POST', 'runs/search', { experiment_ids: [experiment_id], order_by })).body.runs.map(
          ({ info }: { info: { run_name: string } }) => info.run_name,
        );
      expect(await names('metrics.auc DESC')).toEqual(['high', 'low', 'broken', 'none']);
      expect(await names('metrics.auc')).toEqual(['low', 'high', 'broken', 'none']);
      expect(await names('attributes.run_name DESC')).toEqual(['none', 'low', 'high', 'broken']);
      expect(await names('params.c', 'tags.`mlflow.runName`')).toEqual(['broken', 'high', 'low', 'none']);
    });

    it('searches in the order of start times, either way', async () => {
      const experiment_id = await tracking.experiment();
      for (const start_time of [2, 1, 3]) await tracking.run(experiment_id, { start_time });
      const times = async (...order_by: string[]): Promise<number[]> =>
        (await tracking.mlflow('POST', 'runs/search', { experiment_ids: [experiment_id], order_by })).body.runs.map(
          ({ info }: { info: { start_time: number } }) => info.start_time,
        );
      expect(await times('start_time ASC')).toEqual([1, 2, 3]);
      expect(await times('attributes.start_time DESC')).toEqual([3, 2, 1]);
      expect(await times()).toEqual([3, 2, 1]);
    });

    it('searches in pages, and finds nothing where nothing is', async () => {
      const experiment_id = await tracking.experiment();
      for (const start_time of [1, 2, 3]) await tracking.run(experiment_id, { start_time });
      const search = (fields: object) => tracking.mlflow('POST', 'runs/search', { experiment_ids: [experiment_id], max_results: 2, ...fields });
      const first = await search({});
      const second = await search({ page_token: first.body.next_page_token });
      const times = [...first.body.runs, ...second.body.runs].map(({ info }: { info: { start_time: number } }) => info.start_time);
      expect(times).toEqual([3, 2, 1]);
      expect(second.body.next_page_token).toBeUndefined();
      expect((await search({ run_view_type: 'DELETED_ONLY' })).body).toEqual({});
      expect((await search({ experiment_ids: [NO_EXPERIMENT, 'abc'] })).body).toEqual({});
    });
  });

  describe('400', () => {
    it('refuses a run without an experiment, or with two names', async () => {
      expect(await tracking.mlflow('POST', 'runs/create')).toMatchObject(invalid);
      const fields = { experiment_id: await tracking.experiment(), run_name: 'a', tags: [{ key: 'mlflow.runName', value: 'b' }] };
      expect(await tracking.mlflow('POST', 'runs/create', fields)).toMatchObject(invalid);
    });

    it('refuses an end that is none', async () => {
      const run_id = await tracking.run(await tracking.experiment());
      expect(await tracking.mlflow('POST', 'runs/update', { run_id, status: 'SCHEDULED' })).toMatchObject(invalid);
      expect(await tracking.mlflow('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 'late' })).toMatchObject(invalid);
    });

    it.each([
      ['a filter that is none', { filter: 'metrics.auc > 0.1 OR status = 1' }], ['a filter on what runs do not have', { filter: "attributes.secret = 'x'" }],
      ['an order that is none', { order_by: ['start_time; DROP TABLE run'] }], ['an unknown column', { order_by: ['attributes.secret'] }],
      ['too many results', { max_results: 50_001 }], ['a foreign page token', { page_token: 'e30' }],
    ])('refuses to search with %s', async (_, fields) => {
      expect(await tracking.mlflow('POST', 'runs/search', { experiment_ids: [NO_EXPERIMENT], ...fields })).toMatchObject(invalid);
    });
  });

  describe('404', () => {
    it('knows neither run nor experiment', async () => {
      expect(await tracking.mlflow('POST', 'runs/create', { experiment_id: NO_EXPERIMENT })).toMatchObject(absent);
      expect(await tracking.mlflow('POST', 'runs/create', { experiment_id: 'abc' })).toMatchObject(absent);
      expect(await tracking.mlflow('GET', 'runs/get', { run_id: NO_RUN })).toMatchObject(absent);
      expect(await tracking.mlflow('GET', 'runs/get', { run_id: "x' OR 1=1" })).toMatchObject(absent);
      expect(await tracking.mlflow('POST', 'runs/update', { run_id: NO_RUN, status: 'FINISHED' })).toMatchObject(absent);
    });
  });
});
