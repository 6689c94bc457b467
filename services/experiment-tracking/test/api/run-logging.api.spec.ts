import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

const refused = (message: RegExp) => ({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(message) } });

describe('/api/2.0/mlflow/runs/{log-metric,log-parameter,log-batch,set-tag,log-inputs}', () => {
  let tracking: TrackingClient;
  let run_id: string;
  beforeAll(async () => {
    tracking = await startTracking();
    run_id = await tracking.run(await tracking.experiment());
  });
  afterAll(() => tracking.close());

  const newRun = async (): Promise<string> => tracking.run(await tracking.experiment());
  const dataOf = async (id: string) => (await tracking.mlflow('GET', 'runs/get', { run_id: id })).body.run;

  describe('200', () => {
    it('shows what was logged at once', async () => {
      const id = await newRun();
      const log = (route: string, fields: object) => tracking.mlflow('POST', `runs/${route}`, { run_id: id, run_uuid: id, ...fields });
      expect(await log('log-parameter', { key: 'p', value: '1' })).toMatchObject({ status: 200, body: {} });
      expect((await log('log-metric', { key: 'm', value: 0.5, timestamp: '5', step: 1 })).status).toBe(200);
      expect((await log('set-tag', { key: 't', value: 'v' })).status).toBe(200);
      expect(
        (await log('log-batch', {
          params: [{ key: 'q', value: '' }], metrics: [{ key: 'n', value: 'NaN', timestamp: 6 }, { key: 'i', value: '-Infinity', timestamp: 6 }], tags: [{ key: 't', value: 'w' }],
        })).status,
      ).toBe(200);
      const { data } = await dataOf(id);
      expect(data.params).toEqual([{ key: 'p', value: '1' }, { key: 'q', value: '' }]);
      expect(data.metrics).toEqual([
        { key: 'i', value: '-Infinity', timestamp: 6, step: 0 }, { key: 'm', value: 0.5, timestamp: 5, step: 1 }, { key: 'n', value: 'NaN', timestamp: 6, step: 0 },
      ]);
      expect(data.tags).toContainEqual({ key: 't', value: 'w' });
    });

    it('takes a full batch, in as many events as it needs', async () => {
      const id = await newRun();
      const metrics = Array.from({ length: 999 }, (_, step) => ({ key: `m/${'x'.repeat(200)}`, value: step, timestamp: step, step }));
      expect((await tracking.mlflow('POST', 'runs/log-batch', { run_id: id, metrics, params: [{ key: 'p', value: 'v'.repeat(6_000) }] })).status).toBe(200);
      expect((await dataOf(id)).data.metrics).toEqual([{ key: metrics[0]?.key, value: 998, timestamp: 998, step: 998 }]);
    });

    it('cuts long values as MLflow does', async () => {
      const id = await newRun();
      await tracking.mlflow('POST', 'runs/log-parameter', { run_id: id, key: 'p', value: 'v'.repeat(6_001) });
      await tracking.mlflow('POST', 'runs/set-tag', { run_id: id, key: 't', value: `${'v'.repeat(7_999)}😀` });
      const { data } = await dataOf(id);
      expect(data.params[0].value).toHaveLength(6_000);
      expect(data.tags.find(({ key }: { key: string }) => key === 't').value).toBe('v'.repeat(7_999));
    });

    it('records a repeated parameter and tag once', async () => {
      const id = await newRun();
      const batch = { run_id: id, params: [{ key: 'p', value: '1' }], tags: [{ key: 't', value: 'v' }] };
      await tracking.mlflow('POST', 'runs/log-batch', batch);
      const before = await tracking.store.size();
      expect((await tracking.mlflow('POST', 'runs/log-batch', batch)).status).toBe(200);
      expect(await tracking.store.size()).toBe(before);
    });

    it('appends a request with the same key once', async () => {
      const id = await newRun();
      const log = () => tracking.fetchJson('POST', '/api/2.0/mlflow/runs/log-metric', { run_id: id, key: 'm', value: 1, timestamp: 1 }, { 'idempotency-key': 'm' });
      await log();
      const before = await tracking.store.size();
      expect((await log()).status).toBe(200);
      expect(await tracking.store.size()).toBe(before);
    });

    it('still takes what a finished run reports', async () => {
      const id = await newRun();
      await tracking.mlflow('POST', 'runs/update', { run_id: id, status: 'FINISHED' });
      expect((await tracking.mlflow('POST', 'runs/log-metric', { run_id: id, key: 'm', value: 1, timestamp: 1 })).status).toBe(200);
    });

    it('shows the datasets that went in', async () => {
      const id = await newRun();
      const dataset = { name: 'ds', digest: '987cd74d', source_type: 'code', source: '{}', schema: '{"a":1}', profile: '{"num_rows":1}' };
      const tags = [{ key: 'mlflow.data.context', value: 'train' }, { key: 'other', value: 'x' }];
      expect((await tracking.mlflow('POST', 'runs/log-inputs', { run_id: id, datasets: [{ tags, dataset }] })).status).toBe(200);
      expect((await dataOf(id)).inputs).toEqual({ dataset_inputs: [{ tags, dataset }] });
    });

    it('renames a run whose name tag is set', async () => {
      const id = await newRun();
      await tracking.mlflow('POST', 'runs/set-tag', { run_id: id, key: 'mlflow.runName', value: 'renamed' });
      expect((await dataOf(id)).info.run_name).toBe('renamed');
    });
  });

  describe('400', () => {
    it.each([
      ['log-metric', { key: 'm', value: 'high', timestamp: 1 }, /Invalid value "high" for parameter 'value' supplied/],
      ['log-metric', { key: 'm', value: 1 }, /Missing value for required parameter 'timestamp'/],
      ['log-metric', { key: 'm', value: 1, timestamp: '9223372036854775808' }, /parameter 'timestamp'/],
      ['log-metric', { key: '../m', value: 1, timestamp: 1 }, /must not resolve to other names/],
      ['log-parameter', { key: 'a*b', value: '1' }, /Names may only contain/],
      ['log-parameter', { key: 'p' }, /Missing value for required parameter 'value'/],
      ['log-parameter', { key: 'p', value: 'a\0b' }, /no text/],
      ['set-tag', { value: 'v' }, /Missing value for required parameter 'key'/],
      ['log-batch', { params: Array.from({ length: 101 }, (_, index) => ({ key: `p${index}`, value: '' })) }, /at most 100 params/],
      ['log-batch', { metrics: Array.from({ length: 1_001 }, () => ({ key: 'm', value: 1, timestamp: 1 })) }, /at most 1000 metrics/],
      ['log-batch', { params: [{ key: 'p', value: '1' }, { key: 'p', value: '1' }] }, /Duplicate parameter keys/],
      ['log-batch', { params: 'p' }, /parameter 'params'/],
      ['log-inputs', { datasets: [{ dataset: { digest: 'd' } }] }, /required parameter 'name'/],
      ['log-inputs', { datasets: [{ dataset: { name: 'n', digest: 'd', profile: 'p'.repeat(50_000) } }] }, /too large/],
      ['log-inputs', { models: [{}] }, /required parameter 'model_id'/],
      ['outputs', { models: [{ step: 1 }] }, /required parameter 'model_id'/],
      ['log-metric', { key: 'm', value: 1, timestamp: 1, model_id: 'm-1', dataset_name: 'n'.repeat(501) }, /Dataset name exceeds/],
      ['log-model', { model_json: '{' }, /not a valid JSON/],
      ['log-model', { model_json: '{"flavors":{}}' }, /missing mandatory fields: artifact_path, utc_time_created, run_id/],
    ])('%s refuses %j', async (route, fields, message) => {
      expect(await tracking.mlflow('POST', `runs/${route}`, { run_id, ...fields })).toMatchObject(refused(message));
    });

    it('refuses another value for a parameter, with nothing of the batch stored', async () => {
      const id = await newRun();
      await tracking.mlflow('POST', 'runs/log-parameter', { run_id: id, key: 'p', value: '1' });
      const before = await tracking.store.size();
      const batch = { run_id: id, params: [{ key: 'p', value: '2' }], tags: [{ key: 't', value: 'v' }] };
      expect(await tracking.mlflow('POST', 'runs/log-batch', batch)).toMatchObject(refused(/Changing param values is not allowed/));
      expect(await tracking.store.size()).toBe(before);
    });
  });

  describe('404', () => {
    it.each(['log-metric', 'log-parameter', 'set-tag', 'log-batch', 'log-inputs'])('%s knows no such run', async (route) => {
      const fields = { run_id: NO_RUN, key: 'k', value: '1', timestamp: 1 };
      expect(await tracking.mlflow('POST', `runs/${route}`, route === 'log-metric' ? { ...fields, value: 1 } : fields)).toMatchObject({
        status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' },
      });
    });
  });
});
