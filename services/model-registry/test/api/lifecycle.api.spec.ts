import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, startRegistry, type RegistryClient } from '../support/registry-client.js';

const RUN = '4915f5ea945c4798b0a8a8747cfb337b';

describe('rename, deletion and restoration', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  const mlflow = (method: string, path: string, body: object, headers = {}) => registry.as('ada', method, `/api/2.0/mlflow/${path}`, body, headers);
  const read = (path: string, query: Record<string, string>) => registry.as('ada', 'GET', `/api/2.0/mlflow/${path}?${new URLSearchParams(query)}`);
  const create = (name: string) => mlflow('POST', 'registered-models/create', { name, description: 'kept', tags: [{ key: 'k', value: 'v' }] });
  const add = async (name: string, tags: object[] = []): Promise<string> =>
    (await mlflow('POST', 'model-versions/create', { name, source: `runs:/${RUN}/model`, run_id: RUN, tags })).body.model_version.version;
  const setAlias = (name: string, alias: string, version: string) => mlflow('POST', 'registered-models/alias', { name, alias, version });
  const rename = (name: string, newName: string, headers = {}) => mlflow('POST', 'registered-models/rename', { name, new_name: newName }, headers);
  const remove = (name: string, headers = {}) => mlflow('DELETE', 'registered-models/delete', { name }, headers);
  const removeVersion = (name: string, version: string) => mlflow('DELETE', 'model-versions/delete', { name, version });
  const guard = (name: string, gates: string[], target: object = { alias: 'champion' }) =>
    registry.as('ada', 'PUT', `/registry/v1/models/${encodeURIComponent(name)}/gates`, { ...target, gates });
  const card = async (name: string) => (await registry.as('ada', 'GET', `/registry/v1/models/${encodeURIComponent(name)}`)).body;
  const restore = (modelId: string) => registry.as('ada', 'POST', `/registry/v1/models/${modelId}/restore`);
  const absent = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
  const denied = { status: 403, body: { error_code: 'PERMISSION_DENIED' } };

  describe('200', () => {
    it('renames a model with its versions and aliases, and frees the old name', async () => {
      await create('before');
      await add('before');
      await setAlias('before', 'live', '1');
      const { status, body } = await rename('before', 'after');
      expect({ status, body }).toMatchObject({
        status: 200,
        body: { registered_model: { name: 'after', description: 'kept', aliases: [{ alias: 'live', version: '1' }], latest_versions: [{ name: 'after', version: '1' }] } },
      });
      expect((await read('model-versions/get', { name: 'after', version: '1' })).body.model_version).toMatchObject({ name: 'after', aliases: ['live'] });
      expect((await read('model-versions/search', { filter: "name = 'after'" })).body.model_versions).toHaveLength(1);
      expect((await read('model-versions/search', { filter: "name = 'before'" })).body).toEqual({});
      expect(await read('registered-models/get', { name: 'before' })).toMatchObject(absent);
      expect((await create('before')).status).toBe(200);
      expect(await add('before')).toBe('1');
    });

    it('renames there and back, and to its own name without a trace', async () => {
      await create('one');
      const before = await registry.store.size();
      expect((await rename('one', 'one')).status).toBe(200);
      expect(await registry.store.size()).toBe(before);
      for (const [from, to] of [['one', 'two'], ['two', 'one'], ['one', 'two']] as const) expect((await rename(from, to)).status).toBe(200);
      expect((await read('registered-models/get', { name: 'two' })).status).toBe(200);
    });

    it('lets one of several renames to a name through', async () => {
      const names = ['racer 1', 'racer 2', 'racer 3', 'racer 4'];
      for (const name of names) await create(name);
      const answers = await Promise.all(names.map((name) => rename(name, 'finish')));
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
      const left = await Promise.all(names.map((name) => read('registered-models/get', { name })));
      expect(left.filter(({ status }) => status === 200)).toHaveLength(3);
    });

    it('deletes a model as MLflow does: the name begins anew', async () => {
      await create('gone');
      for (let count = 0; count < 2; count += 1) await add('gone');
      await setAlias('gone', 'live', '2');
      expect(await remove('gone')).toMatchObject({ status: 200, body: {} });
      expect(await remove('gone')).toMatchObject(absent);
      for (const path of ['registered-models/get', 'model-versions/get', 'model-versions/get-download-uri', 'registered-models/alias']) {
        expect(await read(path, { name: 'gone', version: '1', alias: 'live' })).toMatchObject(absent);
      }
      expect((await read('model-versions/search', { filter: "name = 'gone'" })).body).toEqual({});
      expect((await read('registered-models/search', { filter: "name = 'gone'" })).body).toEqual({});
      await mlflow('POST', 'registered-models/create', { name: 'gone' });
      expect((await read('registered-models/get', { name: 'gone' })).body.registered_model).not.toHaveProperty('tags');
      expect(await add('gone')).toBe('1');
    });

    it('brings a deleted model back with all that it had, and lists it until then', async () => {
      await create('undone');
      for (let count = 0; count < 3; count += 1) await add('undone', [{ key: 'nr', value: String(count) }]);
      await removeVersion('undone', '2');
      await setAlias('undone', 'live', '3');
      await mlflow('POST', 'model-versions/transition-stage', { name: 'undone', version: '1', stage: 'Production' });
      const { model_id } = await card('undone');
      await remove('undone');
      const { body: deleted } = await registry.as('ada', 'GET', '/registry/v1/deleted-models?limit=1000');
      expect(deleted.items).toContainEqual({ model_id, name: 'undone', deleted_at: expect.stringMatching(/Z$/) });
      expect(await restore(model_id)).toMatchObject({ status: 200, body: { name: 'undone', lost_aliases: [], aliases: [{ alias: 'live', version: 3 }] } });
      const { body } = await read('registered-models/get', { name: 'undone' });
      expect(body.registered_model).toMatchObject({ description: 'kept', tags: [{ key: 'k', value: 'v' }] });
      expect((await read('model-versions/get', { name: 'undone', version: '1' })).body.model_version).toMatchObject({
        current_stage: 'Production', tags: [{ key: 'nr', value: '0' }],
      });
      expect(await read('model-versions/get', { name: 'undone', version: '2' })).toMatchObject(absent);
      expect(await add('undone')).toBe('4');
      const before = await registry.store.size();
      expect((await restore(model_id)).status).toBe(200);
      expect(await registry.store.size()).toBe(before);
    });

    it('deletes a version for good to MLflow, brings it back by id, and gives its number to nobody', async () => {
      await create('numbered');
      await add('numbered');
      await add('numbered');
      await setAlias('numbered', 'live', '2');
      const { body: list } = await registry.as('ada', 'GET', '/registry/v1/models/numbered/versions');
      const [{ version_id }] = list.items;
      expect(await removeVersion('numbered', '2')).toMatchObject({ status: 200, body: {} });
      expect(await removeVersion('numbered', '2')).toMatchObject(absent);
      expect(await read('model-versions/get', { name: 'numbered', version: '2' })).toMatchObject(absent);
      expect((await read('registered-models/get', { name: 'numbered' })).body.registered_model).toMatchObject({ latest_versions: [{ version: '1' }] });
      expect((await read('registered-models/get', { name: 'numbered' })).body.registered_model).not.toHaveProperty('aliases');
      expect((await registry.as('ada', 'GET', '/registry/v1/models/numbered/deleted-versions')).body.items).toMatchObject([{ version_id, version: 2 }]);
      expect(await add('numbered')).toBe('3');
      expect(await registry.as('ada', 'POST', `/registry/v1/versions/${version_id}/restore`)).toMatchObject({ status: 200, body: { version: 2, aliases: [] } });
      expect((await read('model-versions/get', { name: 'numbered', version: '2' })).status).toBe(200);
    });

    it('answers a repeated request as before', async () => {
      await create('repeated');
      const again = { 'idempotency-key': 'r' };
      for (let times = 0; times < 2; times += 1) expect((await rename('repeated', 'repeated', again)).status).toBe(200);
      const { model_id } = await card('repeated');
      await remove('repeated');
      for (let times = 0; times < 2; times += 1) {
        expect((await registry.as('ada', 'POST', `/registry/v1/models/${model_id}/restore`, undefined, again)).status).toBe(200);
      }
    });
  });

  describe('400', () => {
    it('refuses a name that is taken or none', async () => {
      await create('mine');
      await create('yours');
      expect(await rename('mine', 'yours')).toMatchObject({ status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } });
      for (const name of ['', ' ', 'a/b', 'a:b', 'n'.repeat(300)]) {
        expect(await rename('mine', name)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      }
      expect((await card('mine')).name).toBe('mine');
    });
  });

  describe('403', () => {
    it('does not let a deletion forget what the name demands', async () => {
      await create('guarded');
      await guard('guarded', ['approved-by-another']);
      await guard('guarded', ['signature-present'], { stage: 'Production' });
      await remove('guarded');
      await create('guarded');
      expect((await card('guarded')).gates).toEqual([{ alias: 'champion', gates: ['approved-by-another'] }, { stage: 'Production', gates: ['signature-present'] }]);
      await add('guarded');
      expect(await setAlias('guarded', 'champion', '1')).toMatchObject(denied);
      expect(await mlflow('POST', 'model-versions/transition-stage', { name: 'guarded', version: '1', stage: 'production' })).toMatchObject(denied);
    });

    it('does not let a rename slip a version under a name that demands gates', async () => {
      await create('official');
      await guard('official', ['approved-by-another']);
      await rename('official', 'official, retired');
      await create('backdoor');
      await add('backdoor');
      await setAlias('backdoor', 'champion', '1');
      const refused = await rename('backdoor', 'official');
      expect(refused).toMatchObject({ ...denied, body: { message: expect.stringMatching(/demands gates for alias champion.*Take these from its versions/) } });
      await mlflow('DELETE', 'registered-models/alias', { name: 'backdoor', alias: 'champion' });
      expect((await rename('backdoor', 'official')).status).toBe(200);
      expect(await setAlias('official', 'champion', '1')).toMatchObject(denied);
      expect((await card('official, retired')).gates).toHaveLength(1);
    });

    it('does not bring an alias or a stage back whose gates are not passed', async () => {
      await create('returning');
      await add('returning');
      await setAlias('returning', 'champion', '1');
      await mlflow('POST', 'model-versions/transition-stage', { name: 'returning', version: '1', stage: 'Staging' });
      const { model_id } = await card('returning');
      await remove('returning');
      await create('returning');
      await guard('returning', ['approved-by-another']);
      await guard('returning', ['approved-by-another'], { stage: 'Staging' });
      await remove('returning');
      const { body } = await restore(model_id);
      expect(body).toMatchObject({ aliases: [], lost_aliases: [{ alias: 'champion', reason: expect.stringContaining('approved-by-another (inconclusive)') }] });
      expect((await read('model-versions/get', { name: 'returning', version: '1' })).body.model_version.current_stage).toBe('None');
    });

    it('asks the gates of a copy anew, and knows who made the original', async () => {
      const [from, to] = [await registry.model(), await registry.model(['approved-by-another'])];
      const { body: original } = await registry.version(from);
      const copied = await registry.as('bob', 'POST', '/api/2.0/mlflow/model-versions/create', { name: to, source: `models:/${from}/1`, run_id: original.run_id });
      expect(copied).toMatchObject({ status: 200, body: { model_version: { version: '1', run_id: original.run_id, source: `models:/${from}/1` } } });
      const { body: list } = await registry.as('ada', 'GET', `/registry/v1/models/${encodeURIComponent(to)}/versions`);
      expect(list.items).toMatchObject([{ digest: original.digest, copied_from_version_id: original.version_id, author: 'bob' }]);
      const approve = (principal: 'ada' | 'bob' | 'carl') =>
        registry.as(principal, 'POST', `/registry/v1/versions/${list.items[0].version_id}/approve`, { alias: 'champion' });
      expect(await setAlias(to, 'champion', '1')).toMatchObject(denied);
      expect(await approve('ada')).toMatchObject({ status: 403, body: { code: 'APPROVER_IS_AUTHOR' } });
      expect(await approve('bob')).toMatchObject({ status: 403, body: { code: 'APPROVER_IS_AUTHOR' } });
      expect((await approve('carl')).status).toBe(200);
      expect((await setAlias(to, 'champion', '1')).status).toBe(200);
    });
  });

  describe('404', () => {
    it('knows neither model nor version', async () => {
      expect(await rename('nobody', 'somebody')).toMatchObject(absent);
      expect(await remove('nobody')).toMatchObject(absent);
      expect(await removeVersion('nobody', '1')).toMatchObject(absent);
      expect(await restore(NOBODY)).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
      expect(await registry.as('ada', 'POST', `/registry/v1/versions/${NOBODY}/restore`)).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
      await create('of default');
      const { model_id } = await card('of default');
      await remove('of default');
      expect((await registry.as('ada', 'POST', `/registry/v1/models/${model_id}/restore`, undefined, { 'x-cairn-workspace': 'elsewhere' })).status).toBe(404);
    });
  });

  describe('409', () => {
    it('does not restore a model whose name somebody else has now', async () => {
      await create('contested');
      const { model_id } = await card('contested');
      await remove('contested');
      await create('contested');
      expect(await restore(model_id)).toMatchObject({ status: 409, body: { code: 'MODEL_NAME_TAKEN' } });
      await rename('contested', 'uncontested');
      expect((await restore(model_id)).status).toBe(200);
    });
  });
});
