import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_EXPERIMENT, startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('/api/2.0/mlflow/experiments', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  describe('200', () => {
    it('creates an experiment that can be read at once, by id and by name', async () => {
      const created = await tracking.mlflow('POST', 'experiments/create', { name: 'late flights', tags: [{ key: 'team', value: 'ops' }] });
      expect(created.status).toBe(200);
      const { experiment_id } = created.body;
      const expected = {
        experiment_id, name: 'late flights', artifact_location: `mlflow-artifacts:/${experiment_id}`, lifecycle_stage: 'active',
        creation_time: expect.any(Number), last_update_time: expect.any(Number), tags: [{ key: 'team', value: 'ops' }],
      };
      expect((await tracking.mlflow('GET', 'experiments/get', { experiment_id })).body).toEqual({ experiment: expected });
      expect((await tracking.mlflow('GET', 'experiments/get-by-name', { experiment_name: 'late flights' })).body).toEqual({ experiment: expected });
    });

    it('answers a repeated creation with the same experiment', async () => {
      const create = () => tracking.fetchJson('POST', '/api/2.0/mlflow/experiments/create', { name: 'repeated' }, { 'idempotency-key': 'k' });
      const [first, second] = [await create(), await create()];
      expect(second).toMatchObject({ status: 200, body: first.body });
    });

    it('keeps names apart by workspace', async () => {
      const create = (workspace: string) =>
        tracking.fetchJson('POST', '/api/2.0/mlflow/experiments/create', { name: 'shared' }, { 'x-cairn-workspace': workspace });
      expect((await create('red')).status).toBe(200);
      expect((await create('blue')).status).toBe(200);
      expect((await tracking.mlflow('GET', 'experiments/get-by-name', { experiment_name: 'shared' })).status).toBe(404);
    });

    it('pages through a search, newest first or as asked', async () => {
      const inPages = { 'x-cairn-workspace': 'pages' };
      for (const name of ['a', 'b', 'c']) await tracking.fetchJson('POST', '/api/2.0/mlflow/experiments/create', { name }, inPages);
      const search = async (fields: object): Promise<{ names: string[]; token: string | undefined }> => {
        const { body } = await tracking.fetchJson('POST', '/api/2.0/mlflow/experiments/search', { max_results: 2, order_by: ['name DESC'], ...fields }, inPages);
        return { names: (body.experiments ?? []).map(({ name }: { name: string }) => name), token: body.next_page_token };
      };
      const first = await search({});
      expect(first.names).toEqual(['c', 'b']);
      expect(await search({ page_token: first.token })).toEqual({ names: ['a'], token: undefined });
      expect(await search({ view_type: 'DELETED_ONLY' })).toEqual({ names: [], token: undefined });
      const byQuery = await tracking.fetchJson('GET', '/ajax-api/2.0/mlflow/experiments/search?max_results=1', undefined, inPages);
      expect(byQuery.body.experiments).toHaveLength(1);
    });

    it('searches by name, time and tags', async () => {
      const inOwn = { 'x-cairn-workspace': 'filtered' };
      const create = (name: string, tags: object[] = []) => tracking.fetchJson('POST', '/api/2.0/mlflow/experiments/create', { name, tags }, inOwn);
      await create('Fraud', [{ key: 'team', value: 'risk' }]);
      await create('flights', [{ key: 'team', value: 'ops' }, { key: 'my key', value: 'x' }]);
      const search = async (filter: string): Promise<string[]> => {
        const { body } = await tracking.fetchJson('POST', '/api/2.0/mlflow/experiments/search', { filter, order_by: ['name'] }, inOwn);
        return (body.experiments ?? []).map(({ name }: { name: string }) => name);
      };
      expect(await search("name LIKE 'F%'")).toEqual(['Fraud']);
      expect(await search("name ILIKE 'F%' AND tags.team != 'risk'")).toEqual(['flights']);
      expect(await search("tags.`my key` = 'x'")).toEqual(['flights']);
      expect(await search('creation_time > 0')).toHaveLength(2);
      expect(await search('attributes.last_update_time < 1')).toEqual([]);
    });

    it('answers as a server of MLflow', async () => {
      expect(await tracking.fetchJson('GET', '/health')).toMatchObject({ status: 200, body: 'OK' });
      expect((await tracking.fetchJson('GET', '/version')).body).toMatch(/^3\.\d+\.\d+$/);
    });
  });

  describe('400', () => {
    it.each([
      ['no name', {}, /Missing value for required parameter 'name'/],
      ['a blank name', { name: '  ' }, /needs a name/],
      ['a name with NUL', { name: 'a\0b' }, /no text/],
      ['a place for artifacts', { name: 'x', artifact_location: 's3://b' }, /artifact_location/],
    ])('refuses %s', async (_, fields, message) => {
      const answer = await tracking.mlflow('POST', 'experiments/create', fields);
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(message) } });
    });

    it('refuses a name that is taken, by MLflow’s code, and stores nothing', async () => {
      await tracking.experiment('taken');
      const before = await tracking.store.size();
      expect(await tracking.mlflow('POST', 'experiments/create', { name: 'taken' })).toMatchObject({
        status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS', message: 'Experiment(name=taken) already exists.' },
      });
      expect(await tracking.store.size()).toBe(before);
    });

    it.each([
      ['a filter on what they do not have', { filter: "age = 'x'" }], ['an unknown order', { order_by: ['age'] }], ['no results', { max_results: 0 }],
      ['a foreign page token', { page_token: 'x' }], ['an unknown view', { view_type: 'MINE' }],
    ])('refuses to search with %s', async (_, fields) => {
      expect(await tracking.mlflow('POST', 'experiments/search', fields)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });
  });

  describe('404', () => {
    it('does not know it', async () => {
      const absent = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
      expect(await tracking.mlflow('GET', 'experiments/get-by-name', { experiment_name: 'nobody' })).toMatchObject(absent);
      expect(await tracking.mlflow('GET', 'experiments/get', { experiment_id: NO_EXPERIMENT })).toMatchObject(absent);
      expect(await tracking.mlflow('GET', 'experiments/get', { experiment_id: 'abc' })).toMatchObject(absent);
    });

    it('says in MLflow’s shape what is not supported', async () => {
      const unsupported = { status: 404, body: { error_code: 'ENDPOINT_NOT_FOUND' } };
      expect(await tracking.mlflow('POST', 'experiments/search-traces', {})).toMatchObject(unsupported);
      expect(await tracking.fetchJson('POST', '/api/3.0/mlflow/scorers/register', {})).toMatchObject(unsupported);
    });
  });
});
