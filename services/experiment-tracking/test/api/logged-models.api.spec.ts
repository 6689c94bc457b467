import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_EXPERIMENT, NO_MODEL, NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

const absent = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
const invalid = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };

describe('/api/2.0/mlflow/logged-models', () => {
  let tracking: TrackingClient;
  let experiment_id: string;
  beforeAll(async () => {
    tracking = await startTracking();
    experiment_id = await tracking.experiment();
  });
  afterAll(() => tracking.close());

  const get = async (model: string, query = '') => tracking.fetchJson('GET', `/api/2.0/mlflow/logged-models/${model}${query}`);
  const search = (fields: object) => tracking.mlflow('POST', 'logged-models/search', { experiment_ids: [experiment_id], ...fields });

  describe('200', () => {
    it('creates a model as MLflow shows it', async () => {
      const source_run_id = await tracking.run(experiment_id);
      const fields = { experiment_id, name: 'mdl', source_run_id, tags: [{ key: 'mlflow.user', value: 'root' }], params: [{ key: 'C', value: '1.0' }] };
      const { status, body } = await tracking.mlflow('POST', 'logged-models', fields);
      expect(status).toBe(200);
      const { model_id, creation_timestamp_ms } = body.model.info;
      expect(model_id).toMatch(/^m-[0-9a-f]{32}$/);
      expect(body).toEqual({
        model: {
          info: {
            model_id, experiment_id, name: 'mdl', creation_timestamp_ms, last_updated_timestamp_ms: creation_timestamp_ms,
            artifact_uri: `mlflow-artifacts:/${experiment_id}/models/${model_id}/artifacts`, status: 'LOGGED_MODEL_PENDING', model_type: '', source_run_id,
            tags: [{ key: 'mlflow.user', value: 'root' }],
          },
          data: { params: [{ key: 'C', value: '1.0' }] },
        },
      });
      expect((await get(model_id)).body).toEqual(body);
    });

    it('gives a name to a model without one, and makes the default experiment', async () => {
      const { body } = await tracking.mlflow('POST', 'logged-models', { experiment_id: '0' });
      expect(body.model.info.name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    });

    it('creates the same model for a repeated request', async () => {
      const create = () => tracking.fetchJson('POST', '/api/2.0/mlflow/logged-models', { experiment_id, name: 'again' }, { 'idempotency-key': 'm' });
      const [first, second] = [await create(), await create()];
      expect(second.body).toEqual(first.body);
    });

    it('finalizes, tags and describes a model', async () => {
      const model = await tracking.model(experiment_id);
      const finalized = await tracking.mlflow('PATCH', `logged-models/${model}`, { model_id: model, status: 'LOGGED_MODEL_UPLOAD_FAILED' });
      expect(finalized.body.model.info.status).toBe('LOGGED_MODEL_UPLOAD_FAILED');
      expect((await tracking.mlflow('PATCH', `logged-models/${model}`, { status: 'LOGGED_MODEL_READY' })).body.model.info.status).toBe('LOGGED_MODEL_READY');
      const tagged = await tracking.mlflow('PATCH', `logged-models/${model}/tags`, { tags: [{ key: 'a/b', value: '1' }, { key: 't', value: '2' }] });
      expect(tagged).toMatchObject({ status: 200, body: {} });
      expect((await tracking.mlflow('POST', `logged-models/${model}/params`, { params: [{ key: 'C', value: '1' }] })).status).toBe(200);
      expect((await fetch(`${tracking.url}/api/2.0/mlflow/logged-models/${model}/tags/a/b`, { method: 'DELETE' })).status).toBe(200);
      const { info, data } = (await get(model)).body.model;
      expect([info.tags, data.params]).toEqual([[{ key: 't', value: '2' }], [{ key: 'C', value: '1' }]]);
    });

    it('deletes a model, once and again, and shows it to whoever asks for deleted ones', async () => {
      const model = await tracking.model(experiment_id, { name: 'gone' });
      const remove = () => fetch(`${tracking.url}/api/2.0/mlflow/logged-models/${model}`, { method: 'DELETE' });
      expect([(await remove()).status, (await remove()).status]).toEqual([200, 200]);
      expect((await get(model)).status).toBe(404);
      expect((await get(model, '?allow_deleted=true')).body.model.info.name).toBe('gone');
      expect((await search({ filter: "name = 'gone'" })).body).toEqual({});
    });

    it('shows what runs measured of it, the last point for each run and dataset', async () => {
      const [run_id, model_id] = [await tracking.run(experiment_id), await tracking.model(experiment_id)];
      const of = (value: number | string, step: number, dataset_name?: string) => ({
        key: 'auc', value, timestamp: 5, step, model_id, ...(dataset_name !== undefined && { dataset_name, dataset_digest: 'd1' }),
      });
      await tracking.mlflow('POST', 'runs/log-metric', { run_id, ...of(0.5, 1) });
      const metrics = [of(0.7, 2, 'test'), of(0.6, 1, 'test'), of('NaN', 1, 'train'), { key: 'other', value: 1, timestamp: 1 }];
      expect((await tracking.mlflow('POST', 'runs/log-batch', { run_id, metrics })).status).toBe(200);
      const shown = { key: 'auc', timestamp: 5, model_id, run_id };
      expect((await get(model_id)).body.model.data.metrics).toEqual([
        { ...shown, value: 0.5, step: 1 },
        { ...shown, value: 0.7, step: 2, dataset_name: 'test', dataset_digest: 'd1' },
        { ...shown, value: 'NaN', step: 1, dataset_name: 'train', dataset_digest: 'd1' },
      ]);
      const { data } = (await tracking.mlflow('GET', 'runs/get', { run_id })).body.run;
      expect(data.metrics.map(({ key, value }: { key: string; value: number }) => [key, value])).toEqual([['auc', 0.7], ['other', 1]]);
    });

    it('shows models that went into a run and came out of it', async () => {
      const [run_id, one, other] = [await tracking.run(experiment_id), await tracking.model(experiment_id), await tracking.model(experiment_id)];
      const dataset = { name: 'd', digest: 'x', source_type: 'code', source: '{}' };
      expect((await tracking.mlflow('POST', 'runs/log-inputs', { run_id, datasets: [{ dataset }], models: [{ model_id: one }] })).status).toBe(200);
      const logOutputs = async () => (await tracking.mlflow('POST', 'runs/outputs', { run_id, models: [{ model_id: other, step: 3 }] })).body;
      expect([await logOutputs(), await logOutputs()]).toEqual([{}, {}]);
      const { inputs, outputs } = (await tracking.mlflow('GET', 'runs/get', { run_id })).body.run;
      expect(inputs).toEqual({ dataset_inputs: [{ dataset }], model_inputs: [{ model_id: one }] });
      expect(outputs).toEqual({ model_outputs: [{ model_id: other, step: 3 }] });
    });

    it('keeps the models of older clients in a tag', async () => {
      const run_id = await tracking.run(experiment_id);
      const model = { run_id, artifact_path: 'm', utc_time_created: 't', flavors: { sklearn: { config: 'large', code: null } }, signature: 'left out' };
      const log = async () => (await tracking.mlflow('POST', 'runs/log-model', { run_id, model_json: JSON.stringify(model) })).status;
      expect([await log(), await log()]).toEqual([200, 200]);
      const { tags } = (await tracking.mlflow('GET', 'runs/get', { run_id })).body.run.data;
      const { value } = tags.find(({ key }: { key: string }) => key === 'mlflow.log-model.history');
      expect(JSON.parse(value)).toEqual([{ run_id, artifact_path: 'm', utc_time_created: 't', flavors: { sklearn: { code: null } } }]);
    });

    it('lists and gives out files of a model', async () => {
      const model = await tracking.model(experiment_id);
      for (const path of ['MLmodel', 'data/x.bin']) {
        await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experiment_id}/models/${model}/artifacts/${path}`, { method: 'PUT', body: 'x' });
      }
      const listed = await get(`${model}/artifacts/directories?artifact_directory_path=data`);
      expect(listed.body).toEqual({ root_uri: `mlflow-artifacts:/${experiment_id}/models/${model}/artifacts`, files: [{ path: 'data/x.bin', is_dir: false, file_size: 1 }] });
      const file = await fetch(`${tracking.url}/ajax-api/2.0/mlflow/logged-models/${model}/artifacts/files?artifact_file_path=data/x.bin`);
      expect([await file.text(), file.headers.get('x-content-type-options')]).toEqual(['x', 'nosniff']);
    });
  });

  describe('200 of a search', () => {
    const ids: Record<string, string> = {};
    let found: string;
    const names = async (fields: object): Promise<string[]> =>
      ((await tracking.mlflow('POST', 'logged-models/search', { experiment_ids: [found], ...fields })).body.models ?? []).map(
        ({ info }: { info: { name: string } }) => info.name,
      );
    beforeAll(async () => {
      found = await tracking.experiment();
      const run_id = await tracking.run(found);
      for (const [name, train, test, params] of [['low', 0.9, 0.1, '1'], ['high', 0.2, 0.9, '2'], ['none', undefined, undefined, '2'], ['broken', 'NaN', 'NaN', '1']] as const) {
        const source = name === 'low' ? { source_run_id: run_id } : {};
        const model_id = await tracking.model(found, { name, params: [{ key: 'C', value: params }], tags: [{ key: 'team', value: `of ${name}` }], ...source });
        ids[name] = model_id;
        const of = (value: number | string, dataset_name: string) => ({
          run_id, key: 'auc', value, timestamp: 1, model_id, dataset_name, dataset_digest: `${dataset_name}-1`,
        });
        if (train !== undefined) await tracking.mlflow('POST', 'runs/log-metric', of(train, 'train'));
        if (test !== undefined) await tracking.mlflow('POST', 'runs/log-metric', of(test, 'test'));
      }
      await tracking.mlflow('PATCH', `logged-models/${ids['high']}`, { status: 'LOGGED_MODEL_READY' });
    });

    it('shows the newest first, in pages', async () => {
      expect(await names({})).toEqual(['broken', 'none', 'high', 'low']);
      const first = (await tracking.mlflow('POST', 'logged-models/search', { experiment_ids: [found], max_results: 3 })).body;
      expect(first.models).toHaveLength(3);
      expect(await names({ max_results: 3, page_token: first.next_page_token })).toEqual(['low']);
      expect((await tracking.mlflow('POST', 'logged-models/search', { experiment_ids: [NO_EXPERIMENT, 'abc'] })).body).toEqual({});
    });

    it.each<[string, object, string[]]>([
      ['name', { filter: "name = 'low'" }, ['low']],
      ['a list of names', { filter: "name IN ('low', 'high') AND attributes.status = 'READY'" }, ['high']],
      ['a pattern', { filter: "tags.team ILIKE 'OF %'" }, ['broken', 'none', 'high', 'low']],
      ['parameters', { filter: "params.C = '2'" }, ['none', 'high']],
      ['metrics of any dataset', { filter: 'metrics.auc > 0.5' }, ['high', 'low']],
      ['metrics of one dataset', { filter: 'metrics.auc > 0.5', datasets: [{ dataset_name: 'train' }] }, ['low']],
      ['metrics of one digest', { filter: 'metrics.auc > 0.5', datasets: [{ dataset_name: 'test', dataset_digest: 'test-1' }] }, ['high']],
      ['a dataset alone', { datasets: [{ dataset_name: 'train' }] }, ['broken', 'high', 'low']],
      ['time', { filter: 'creation_timestamp > 1 AND last_updated_timestamp < 1' }, []],
      ['what none has', { filter: "tags.absent != 'x'" }, []],
    ])('selects by %s', async (_, fields, expected) => expect(await names(fields)).toEqual(expected));

    it('selects by id and by run', async () => {
      const run_id = (await get(ids['low']!)).body.model.info.source_run_id;
      expect(await names({ filter: `model_id = '${ids['none']}'` })).toEqual(['none']);
      expect(await names({ filter: `source_run_id = '${run_id}'` })).toEqual(['low']);
    });

    it('orders by a metric of a dataset, what has none or no number last', async () => {
      const by = (dataset_name: string, ascending: boolean) => names({ order_by: [{ field_name: 'metrics.auc', ascending, dataset_name }] });
      expect((await by('train', false)).slice(0, 2)).toEqual(['low', 'high']);
      expect((await by('test', false)).slice(0, 2)).toEqual(['high', 'low']);
      expect((await by('test', true)).slice(0, 2)).toEqual(['low', 'high']);
      expect(await names({ order_by: [{ field_name: 'name' }] })).toEqual(['broken', 'high', 'low', 'none']);
      expect(await names({ order_by: [{ field_name: 'creation_timestamp', ascending: true }] })).toEqual(['low', 'high', 'none', 'broken']);
    });
  });

  describe('400', () => {
    it.each([
      ['no experiment', {}], ['a name with a slash', { name: 'a/b' }], ['a tag that is none', { tags: ['x'] }],
      ['a parameter twice', { params: [{ key: 'a', value: '1' }, { key: 'a', value: '1' }] }], ['a parameter that climbs', { params: [{ key: '../a', value: '1' }] }],
    ])('refuses to create a model with %s', async (what, fields) => {
      expect(await tracking.mlflow('POST', 'logged-models', { ...(what !== 'no experiment' && { experiment_id }), ...fields })).toMatchObject(invalid);
    });

    it('refuses a model of a deleted experiment, another value of a parameter, a status that is no end', async () => {
      const gone = await tracking.experiment();
      const model = await tracking.model(gone, { params: [{ key: 'C', value: '1' }] });
      expect(await tracking.mlflow('POST', `logged-models/${model}/params`, { params: [{ key: 'C', value: '2' }] })).toMatchObject(invalid);
      expect(await tracking.mlflow('PATCH', `logged-models/${model}`, { status: 'LOGGED_MODEL_PENDING' })).toMatchObject(invalid);
      expect(await tracking.mlflow('PATCH', `logged-models/${model}`, { status: 'constructor' })).toMatchObject(invalid);
      await tracking.mlflow('POST', 'experiments/delete', { experiment_id: gone });
      expect(await tracking.mlflow('POST', 'logged-models', { experiment_id: gone })).toMatchObject(invalid);
    });

    it.each([
      ['a filter that is none', { filter: 'name' }], ['an unknown attribute', { filter: "secret = 'x'" }], ['a dataset without a name', { datasets: [{ dataset_digest: 'd' }] }],
      ['an order by a parameter', { order_by: [{ field_name: 'params.C' }] }], ['an order by what is no field', { order_by: [{ field_name: 'constructor' }] }],
      ['a direction that is none', { order_by: [{ field_name: 'name', ascending: 'up' }] }], ['an order that is a text', { order_by: ['name'] }],
      ['a foreign page token', { page_token: 'e30' }], ['too many results', { max_results: 50_001 }],
    ])('refuses to search with %s', async (_, fields) => expect(await search(fields)).toMatchObject(invalid));
  });

  describe('404', () => {
    it('knows neither model, experiment, run, tag nor file', async () => {
      const model = await tracking.model(experiment_id);
      for (const id of [NO_MODEL, 'm-1', 'x']) {
        expect(await get(id)).toMatchObject(absent);
        expect(await tracking.mlflow('PATCH', `logged-models/${id}`, { status: 'LOGGED_MODEL_READY' })).toMatchObject(absent);
        expect(await get(`${id}/artifacts/directories`)).toMatchObject(absent);
        expect((await fetch(`${tracking.url}/api/2.0/mlflow/logged-models/${id}`, { method: 'DELETE' })).status).toBe(404);
      }
      expect(await tracking.mlflow('POST', 'logged-models', { experiment_id: NO_EXPERIMENT })).toMatchObject(absent);
      expect(await tracking.mlflow('POST', 'logged-models', { experiment_id, source_run_id: NO_RUN })).toMatchObject(absent);
      expect((await fetch(`${tracking.url}/api/2.0/mlflow/logged-models/${model}/tags/absent`, { method: 'DELETE' })).status).toBe(404);
      expect(await get(`${model}/artifacts/files?artifact_file_path=absent`)).toMatchObject(absent);
    });

    it('lets a run speak of no model that is not there', async () => {
      const run_id = await tracking.run(experiment_id);
      const models = [{ model_id: NO_MODEL }];
      for (const route of ['log-inputs', 'outputs']) expect(await tracking.mlflow('POST', `runs/${route}`, { run_id, models })).toMatchObject(absent);
      expect(await tracking.mlflow('POST', 'runs/log-metric', { run_id, key: 'm', value: 1, timestamp: 1, model_id: NO_MODEL })).toMatchObject(absent);
    });
  });
});
