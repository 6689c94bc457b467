import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type RegistryClient } from '../support/registry-client.js';

const RUN = '4915f5ea945c4798b0a8a8747cfb337b';

describe('/api/2.0/mlflow/{registered-models,model-versions}', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  const post = (path: string, body: object, method = 'POST') => registry.as('ada', method, `/api/2.0/mlflow/${path}`, body);
  const get = (path: string, query: Record<string, string>) => registry.as('ada', 'GET', `/ajax-api/2.0/mlflow/${path}?${new URLSearchParams(query)}`);
  const create = (name: string, changes: object = {}) => post('registered-models/create', { name, ...changes });
  const addVersion = (name: string, changes: object = {}) => post('model-versions/create', { name, source: `runs:/${RUN}/model`, run_id: RUN, ...changes });
  const invalid = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };
  const absent = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };

  describe('200', () => {
    it('shows a model and its versions as MLflow does', async () => {
      const { body } = await create('shown', { description: 'd', tags: [{ key: 'a', value: 'b' }] });
      const stamps = { creation_timestamp: expect.any(Number), last_updated_timestamp: expect.any(Number) };
      expect(body).toEqual({ registered_model: { name: 'shown', ...stamps, description: 'd', tags: [{ key: 'a', value: 'b' }] } });
      const version = {
        name: 'shown', version: '1', ...stamps, current_stage: 'None', description: '', source: `runs:/${RUN}/model`, run_id: RUN, status: 'READY', run_link: '',
      };
      expect((await addVersion('shown', { tags: [{ key: 'k', value: 'v' }] })).body).toEqual({ model_version: { ...version, tags: [{ key: 'k', value: 'v' }] } });
      await addVersion('shown');
      expect((await get('registered-models/get', { name: 'shown' })).body.registered_model.latest_versions).toEqual([{ ...version, version: '2' }]);
      expect((await get('model-versions/get', { name: 'shown', version: '2' })).body).toEqual({ model_version: { ...version, version: '2' } });
      expect((await get('model-versions/get-download-uri', { name: 'shown', version: '1' })).body).toEqual({ artifact_uri: `runs:/${RUN}/model` });
    });

    it('sets, reads and removes an alias that has no gates', async () => {
      await create('aliased');
      await addVersion('aliased');
      expect(await post('registered-models/alias', { name: 'aliased', alias: 'champion', version: '1' })).toMatchObject({ status: 200, body: {} });
      expect((await get('registered-models/alias', { name: 'aliased', alias: 'champion' })).body.model_version).toMatchObject({ version: '1', aliases: ['champion'] });
      expect((await get('registered-models/get', { name: 'aliased' })).body.registered_model.aliases).toEqual([{ alias: 'champion', version: '1' }]);
      for (let times = 0; times < 2; times += 1) {
        expect(await post('registered-models/alias', { name: 'aliased', alias: 'champion' }, 'DELETE')).toMatchObject({ status: 200, body: {} });
      }
      expect(await get('registered-models/alias', { name: 'aliased', alias: 'champion' })).toMatchObject(invalid);
    });

    it('describes and tags a model, and takes tags away', async () => {
      await create('edited', { description: 'before', tags: [{ key: 'kept', value: '1' }] });
      const { body } = await post('registered-models/update', { name: 'edited', description: 'after' }, 'PATCH');
      expect(body.registered_model).toMatchObject({ name: 'edited', description: 'after' });
      for (const value of ['a', 'b', 'b']) expect(await post('registered-models/set-tag', { name: 'edited', key: 'team', value })).toMatchObject({ status: 200, body: {} });
      const tags = async () => (await get('registered-models/get', { name: 'edited' })).body.registered_model.tags;
      expect(await tags()).toEqual([{ key: 'kept', value: '1' }, { key: 'team', value: 'b' }]);
      for (let times = 0; times < 2; times += 1) {
        expect(await post('registered-models/delete-tag', { name: 'edited', key: 'team' }, 'DELETE')).toMatchObject({ status: 200, body: {} });
      }
      expect(await tags()).toEqual([{ key: 'kept', value: '1' }]);
    });

    it('describes and tags a version, and takes tags away', async () => {
      await create('edited version');
      await addVersion('edited version', { tags: [{ key: 'kept', value: '1' }] });
      const of = { name: 'edited version', version: '1' };
      const { body } = await post('model-versions/update', { ...of, description: 'after' }, 'PATCH');
      expect(body.model_version).toMatchObject({ ...of, description: 'after' });
      await post('model-versions/set-tag', { ...of, key: 'team', value: 'a' });
      const tags = async () => (await get('model-versions/get', of)).body.model_version.tags;
      expect(await tags()).toEqual([{ key: 'kept', value: '1' }, { key: 'team', value: 'a' }]);
      expect((await get('model-versions/search', { filter: "tags.team = 'a'" })).body.model_versions).toHaveLength(1);
      expect(await post('model-versions/delete-tag', { ...of, key: 'kept' }, 'DELETE')).toMatchObject({ status: 200, body: {} });
      expect(await tags()).toEqual([{ key: 'team', value: 'a' }]);
    });

    it('gives the latest version, which has no stage', async () => {
      await create('staged');
      await addVersion('staged');
      await addVersion('staged');
      const latest = async (fields: object) => (await post('registered-models/get-latest-versions', { name: 'staged', ...fields })).body.model_versions;
      expect(await latest({})).toMatchObject([{ version: '2', current_stage: 'None' }]);
      expect(await latest({ stages: ['None'] })).toMatchObject([{ version: '2' }]);
      expect(await latest({ stages: ['Production'] })).toBeUndefined();
      expect((await get('registered-models/get-latest-versions', { name: 'staged' })).body.model_versions).toHaveLength(1);
    });

    it('searches models, in pages and without prompts', async () => {
      const inPages = { 'x-cairn-workspace': 'pages' };
      for (const name of ['a', 'b', 'c']) await registry.as('ada', 'POST', '/api/2.0/mlflow/registered-models/create', { name }, inPages);
      const prompt = { name: 'p', tags: [{ key: 'mlflow.prompt.is_prompt', value: 'true' }] };
      await registry.as('ada', 'POST', '/api/2.0/mlflow/registered-models/create', prompt, inPages);
      const search = async (query: Record<string, string>) => {
        const { body } = await registry.as('ada', 'GET', `/api/2.0/mlflow/registered-models/search?${new URLSearchParams(query)}`, undefined, inPages);
        return { names: (body.registered_models ?? []).map(({ name }: { name: string }) => name), token: body.next_page_token };
      };
      const filter = "tag.`mlflow.prompt.is_prompt` != 'true'";
      const first = await search({ max_results: '2', filter });
      expect(first.names).toEqual(['a', 'b']);
      expect(await search({ max_results: '2', filter, page_token: first.token })).toEqual({ names: ['c'], token: undefined });
      expect((await search({ filter: `name = 'b' AND ${filter}` })).names).toEqual(['b']);
      expect((await search({ filter: "name = 'nobody'" })).names).toEqual([]);
      expect((await search({ filter: "name ILIKE 'B%'" })).names).toEqual(['b']);
      expect((await search({ order_by: 'name DESC', max_results: '2' })).names).toEqual(['c', 'b']);
      expect((await search({ order_by: 'last_updated_timestamp DESC' })).names).toHaveLength(3);
      expect((await search({ filter: "tag.`mlflow.prompt.is_prompt` = 'true'" })).names).toEqual(['p']);
      expect((await search({ filter: "tags.`mlflow.prompt.is_prompt` = 'true' AND name LIKE 'x%'" })).names).toEqual([]);
      expect((await search({ filter: "tags.team = 'risk'" })).names).toEqual([]);
    });

    it('searches versions by model and by run, newest first', async () => {
      await create('searched');
      await addVersion('searched');
      await addVersion('searched', { run_id: 'f'.repeat(32), source: `runs:/${'f'.repeat(32)}/model` });
      const search = async (filter: string): Promise<string[]> =>
        ((await get('model-versions/search', { filter, max_results: '10000' })).body.model_versions ?? []).map(({ version }: { version: string }) => version);
      expect(await search("name='searched'")).toEqual(['2', '1']);
      expect(await search(`run_id = '${'f'.repeat(32)}'`)).toEqual(['2']);
      expect(await search("name='nobody'")).toEqual([]);
      expect(await search("name = 'searched' AND version_number > 1")).toEqual(['2']);
      expect(await search("name LIKE 'search%' AND run_id IN ('a')")).toEqual([]);
      expect(await search("name = 'searched' AND source_path LIKE '%'")).toEqual(['2', '1']);
      expect(await search("name = 'searched' AND tags.stage = 'x'")).toEqual([]);
      const ascending = await get('model-versions/search', { filter: "name='searched'", order_by: 'version_number ASC' });
      expect(ascending.body.model_versions.map(({ version }: { version: string }) => version)).toEqual(['1', '2']);
      const paged = await get('model-versions/search', { filter: "name='searched'", max_results: '1' });
      expect(paged.body.model_versions).toHaveLength(1);
      const rest = await get('model-versions/search', { filter: "name='searched'", max_results: '1', page_token: paged.body.next_page_token });
      expect(rest.body.model_versions).toMatchObject([{ version: '1' }]);
    });
  });

  describe('400', () => {
    it('refuses a name that is taken, by MLflow’s code', async () => {
      await create('taken');
      expect(await create('taken')).toMatchObject({ status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } });
    });

    it('refuses what does not fit', async () => {
      await create('plain');
      await addVersion('plain');
      expect(await create('a/b')).toMatchObject(invalid);
      expect(await create('')).toMatchObject(invalid);
      expect(await create('x\0')).toMatchObject(invalid);
      expect(await addVersion('plain', { source: '/etc/passwd' })).toMatchObject(invalid);
      expect(await addVersion('plain', { source: 'runs:/r/../../x' })).toMatchObject(invalid);
      expect(await addVersion('plain', { source: undefined })).toMatchObject(invalid);
      expect(await post('registered-models/alias', { name: 'plain', alias: 'v1', version: '1' })).toMatchObject(invalid);
      expect(await get('model-versions/get', { name: 'plain', version: 'one' })).toMatchObject(invalid);
      expect(await get('registered-models/search', { filter: "age LIKE 'p%'" })).toMatchObject(invalid);
      expect(await get('registered-models/search', { order_by: 'age DESC' })).toMatchObject(invalid);
      expect(await get('model-versions/search', { filter: "version_number = 'x'" })).toMatchObject(invalid);
      expect(await get('model-versions/search', { page_token: 'x' })).toMatchObject(invalid);
      expect(await post('registered-models/set-tag', { name: 'plain', value: 'no key' })).toMatchObject(invalid);
      expect(await post('model-versions/set-tag', { name: 'plain', version: '1', key: 'k', value: 'v'.repeat(40_000) })).toMatchObject(invalid);
    });
  });

  describe('401', () => {
    it('says it in MLflow’s way or in ours, but does not answer', async () => {
      expect((await registry.fetchJson('GET', '/api/2.0/mlflow/registered-models/get?name=shown')).status).toBe(401);
    });
  });

  describe('403', () => {
    it('tells a plain client that tries to skip the gates which it did not pass, and why', async () => {
      const name = await registry.model(['lineage-complete', 'approved-by-another']);
      await addVersion(name);
      expect(await post('registered-models/alias', { name, alias: 'champion', version: '1' })).toMatchObject({
        status: 403,
        body: {
          error_code: 'PERMISSION_DENIED',
          message: expect.stringMatching(/lineage-complete \(inconclusive\): Not known: .*approved-by-another \(inconclusive\): Nobody other/),
        },
      });
      expect((await get('registered-models/get', { name })).body.registered_model.aliases).toBeUndefined();
    });
  });

  describe('404', () => {
    it('knows neither model, version nor route', async () => {
      expect(await get('registered-models/get', { name: 'nobody' })).toMatchObject({ ...absent, body: { message: 'Registered Model with name=nobody not found' } });
      expect(await addVersion('nobody')).toMatchObject(absent);
      expect(await get('model-versions/get', { name: 'nobody', version: '1' })).toMatchObject(absent);
      expect(await get('model-versions/get-download-uri', { name: 'nobody', version: '1' })).toMatchObject(absent);
      expect(await post('registered-models/alias', { name: 'nobody', alias: 'champion', version: '1' })).toMatchObject(absent);
      for (const [path, method] of [['update', 'PATCH'], ['set-tag', 'POST'], ['delete-tag', 'DELETE'], ['get-latest-versions', 'POST']] as const) {
        expect(await post(`registered-models/${path}`, { name: 'nobody', key: 'k' }, method)).toMatchObject(absent);
      }
      expect(await post('model-versions/update', { name: 'nobody', version: '1' }, 'PATCH')).toMatchObject(absent);
      expect(await post('registered-models/rename', { name: 'nobody', new_name: 'b' })).toMatchObject(absent);
      expect(await post('registered-models/vanish', { name: 'a' })).toMatchObject({ status: 404, body: { error_code: 'ENDPOINT_NOT_FOUND' } });
    });
  });
});
