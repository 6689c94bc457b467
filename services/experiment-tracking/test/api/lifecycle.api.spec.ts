import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_EXPERIMENT, NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

const done = { status: 200, body: {} };
const absent = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
const inactive = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining("must be in the 'active' state") } };

let tracking: TrackingClient;
beforeAll(async () => {
  tracking = await startTracking();
});
afterAll(() => tracking.close());

const post = (path: string, fields: Readonly<Record<string, unknown>>) => tracking.mlflow('POST', path, fields);
const experimentOf = async (experiment_id: string) => (await tracking.mlflow('GET', 'experiments/get', { experiment_id })).body.experiment;
const infoOf = async (run_id: string) => (await tracking.mlflow('GET', 'runs/get', { run_id })).body.run.info;
const found = async (experiment_id: string, run_view_type?: string): Promise<string[]> =>
  ((await post('runs/search', { experiment_ids: [experiment_id], run_view_type })).body.runs ?? []).map(({ info }: { info: { run_id: string } }) => info.run_id);

describe('/api/2.0/mlflow/experiments/{update,delete,restore,set-experiment-tag,delete-experiment-tag}', () => {
  describe('200', () => {
    it('renames, and lets the old name go', async () => {
      const experiment_id = await tracking.experiment('before');
      expect(await post('experiments/update', { experiment_id, new_name: 'after' })).toMatchObject(done);
      expect(await post('experiments/update', { experiment_id, new_name: 'after' })).toMatchObject(done);
      expect((await tracking.mlflow('GET', 'experiments/get-by-name', { experiment_name: 'after' })).body.experiment.experiment_id).toBe(experiment_id);
      expect(await tracking.mlflow('GET', 'experiments/get-by-name', { experiment_name: 'before' })).toMatchObject(absent);
      expect((await post('experiments/create', { name: 'before' })).status).toBe(200);
      expect(await post('experiments/update', { experiment_id, new_name: 'before' })).toMatchObject({ status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } });
    });

    it('gives a name to one of those who ask at the same moment', async () => {
      const ids = await Promise.all(['a', 'b', 'c', 'd'].map((name) => tracking.experiment(`racer ${name}`)));
      const answers = await Promise.all(ids.map((experiment_id) => post('experiments/update', { experiment_id, new_name: 'winner' })));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(answers.filter(({ body }) => body.error_code === 'RESOURCE_ALREADY_EXISTS')).toHaveLength(3);
    });

    it('holds one name after renames at the same moment, and lets all others go', async () => {
      const experiment_id = await tracking.experiment('several 0');
      const names = ['several 1', 'several 2', 'several 3', 'several 4'];
      const answers = await Promise.all(names.map((new_name) => post('experiments/update', { experiment_id, new_name })));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      const { name: held } = await experimentOf(experiment_id);
      expect(names).toContain(held);
      for (const name of ['several 0', ...names]) expect((await post('experiments/create', { name })).status, name).toBe(name === held ? 400 : 200);
    });

    it('takes a name back that it had before', async () => {
      const experiment_id = await tracking.experiment('first name');
      for (const new_name of ['second name', 'first name', 'second name']) expect(await post('experiments/update', { experiment_id, new_name })).toMatchObject(done);
      expect((await post('experiments/create', { name: 'first name' })).status).toBe(200);
      expect((await post('experiments/create', { name: 'second name' })).status).toBe(400);
    });

    it('deletes with its runs, and restores', async () => {
      const experiment_id = await tracking.experiment('fleeting');
      const [run_id, gone] = [await tracking.run(experiment_id), await tracking.run(experiment_id)];
      await post('runs/delete', { run_id: gone });
      expect(await post('experiments/delete', { experiment_id })).toMatchObject(done);
      expect(await experimentOf(experiment_id)).toMatchObject({ lifecycle_stage: 'deleted' });
      expect(await infoOf(run_id)).toMatchObject({ lifecycle_stage: 'deleted' });
      expect(await found(experiment_id)).toEqual([]);
      expect((await found(experiment_id, 'DELETED_ONLY')).sort()).toEqual([run_id, gone].sort());
      expect(await post('experiments/create', { name: 'fleeting' })).toMatchObject({ status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } });
      expect(await post('runs/log-metric', { run_id, key: 'a', value: 1, timestamp: 1 })).toMatchObject(inactive);
      expect(await post('runs/create', { experiment_id })).toMatchObject(inactive);
      expect(await post('experiments/restore', { experiment_id })).toMatchObject(done);
      expect(await experimentOf(experiment_id)).toMatchObject({ lifecycle_stage: 'active' });
      expect(await found(experiment_id)).toEqual([run_id]);
      expect((await found(experiment_id, 'ALL')).sort()).toEqual([run_id, gone].sort());
    });

    it('searches what is deleted', async () => {
      const inOwn = { 'x-cairn-workspace': 'views' };
      const ask = (path: string, fields: object) => tracking.fetchJson('POST', `/api/2.0/mlflow/experiments/${path}`, fields, inOwn);
      const { experiment_id } = (await ask('create', { name: 'old' })).body;
      await ask('create', { name: 'new' });
      await ask('delete', { experiment_id });
      const names = async (view_type?: string) => (await ask('search', { view_type, order_by: ['name'] })).body.experiments.map(({ name }: { name: string }) => name);
      expect(await names()).toEqual(['new']);
      expect(await names('DELETED_ONLY')).toEqual(['old']);
      expect(await names('ALL')).toEqual(['new', 'old']);
    });

    it('sets tags and removes them', async () => {
      const experiment_id = await tracking.experiment();
      expect(await post('experiments/set-experiment-tag', { experiment_id, key: 'team', value: 'risk' })).toMatchObject(done);
      expect(await post('experiments/set-experiment-tag', { experiment_id, key: 'team', value: 'ops' })).toMatchObject(done);
      expect((await experimentOf(experiment_id)).tags).toEqual([{ key: 'team', value: 'ops' }]);
      expect(await post('experiments/delete-experiment-tag', { experiment_id, key: 'team' })).toMatchObject(done);
      expect((await experimentOf(experiment_id)).tags).toBeUndefined();
    });
  });

  describe('400', () => {
    it('refuses what does not fit', async () => {
      const experiment_id = await tracking.experiment();
      const invalid = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };
      expect(await post('experiments/update', { experiment_id })).toMatchObject(invalid);
      expect(await post('experiments/update', { experiment_id, new_name: 'n'.repeat(501) })).toMatchObject(invalid);
      expect(await post('experiments/set-experiment-tag', { experiment_id, key: '../x', value: '' })).toMatchObject(invalid);
      expect(await post('experiments/set-experiment-tag', { experiment_id, key: 'k', value: 'v'.repeat(5_001) })).toMatchObject(invalid);
      expect(await post('experiments/delete', {})).toMatchObject(invalid);
    });

    it('refuses to change what is deleted', async () => {
      const experiment_id = await tracking.experiment();
      await post('experiments/delete', { experiment_id });
      expect(await post('experiments/update', { experiment_id, new_name: 'renamed' })).toMatchObject(inactive);
      expect(await post('experiments/set-experiment-tag', { experiment_id, key: 'k', value: 'v' })).toMatchObject(inactive);
      expect((await post('experiments/create', { name: 'renamed' })).status).toBe(200);
    });
  });

  describe('404', () => {
    it('does not know it, or not in this state', async () => {
      const experiment_id = await tracking.experiment();
      expect(await post('experiments/delete', { experiment_id: NO_EXPERIMENT })).toMatchObject(absent);
      expect(await post('experiments/restore', { experiment_id })).toMatchObject(absent);
      expect(await post('experiments/delete-experiment-tag', { experiment_id, key: 'none' })).toMatchObject(absent);
      await post('experiments/delete', { experiment_id });
      expect(await post('experiments/delete', { experiment_id })).toMatchObject(absent);
    });
  });
});

describe('/api/2.0/mlflow/runs/{delete,restore,delete-tag}', () => {
  describe('200', () => {
    it('deletes and restores, each as often as it is asked', async () => {
      const experiment_id = await tracking.experiment();
      const run_id = await tracking.run(experiment_id);
      for (let times = 0; times < 2; times += 1) expect(await post('runs/delete', { run_id })).toMatchObject(done);
      expect(await infoOf(run_id)).toMatchObject({ lifecycle_stage: 'deleted' });
      expect(await found(experiment_id)).toEqual([]);
      for (let times = 0; times < 2; times += 1) expect(await post('runs/restore', { run_id })).toMatchObject(done);
      expect(await found(experiment_id)).toEqual([run_id]);
    });

    it('removes a tag', async () => {
      const run_id = await tracking.run(await tracking.experiment());
      await post('runs/set-tag', { run_id, key: 'team', value: 'risk' });
      expect(await post('runs/delete-tag', { run_id, key: 'team' })).toMatchObject(done);
      const { tags } = (await tracking.mlflow('GET', 'runs/get', { run_id })).body.run.data;
      expect(tags.map(({ key }: { key: string }) => key)).toEqual(['mlflow.runName']);
    });
  });

  describe('400', () => {
    it('takes nothing into a deleted run', async () => {
      const run_id = await tracking.run(await tracking.experiment());
      await post('runs/delete', { run_id });
      expect(await post('runs/log-parameter', { run_id, key: 'a', value: '1' })).toMatchObject(inactive);
      expect(await post('runs/update', { run_id, status: 'FINISHED' })).toMatchObject(inactive);
      expect(await post('runs/delete-tag', { run_id, key: 'a' })).toMatchObject(inactive);
    });
  });

  describe('404', () => {
    it('knows neither run nor tag', async () => {
      const run_id = await tracking.run(await tracking.experiment());
      expect(await post('runs/delete', { run_id: NO_RUN })).toMatchObject(absent);
      expect(await post('runs/restore', { run_id: 'abc' })).toMatchObject(absent);
      expect(await post('runs/delete-tag', { run_id, key: 'none' })).toMatchObject(absent);
    });
  });
});
