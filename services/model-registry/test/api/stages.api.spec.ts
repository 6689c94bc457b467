import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type RegistryClient } from '../support/registry-client.js';

const RUN = '4915f5ea945c4798b0a8a8747cfb337b';
const LOGGED = `m-${'a'.repeat(32)}`;

describe('/api/2.0/mlflow/model-versions/{transition-stage,create}', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  const post = (path: string, body: object) => registry.as('ada', 'POST', `/api/2.0/mlflow/${path}`, body);
  const read = (path: string, query: Record<string, string>) => registry.as('ada', 'GET', `/api/2.0/mlflow/${path}?${new URLSearchParams(query)}`);
  const model = async (name: string, versions: number): Promise<void> => {
    await post('registered-models/create', { name });
    for (let count = 0; count < versions; count += 1) await post('model-versions/create', { name, source: `runs:/${RUN}/model`, run_id: RUN });
  };
  const move = (name: string, version: string, stage: string, more: object = {}) => post('model-versions/transition-stage', { name, version, stage, ...more });
  const stages = async (name: string): Promise<Record<string, string>> => {
    const { body } = await read('model-versions/search', { filter: `name = '${name}'` });
    return Object.fromEntries(body.model_versions.map((row: { version: string; current_stage: string }) => [row.version, row.current_stage]));
  };
  const invalid = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } };

  describe('200', () => {
    it('moves versions between stages, in any case', async () => {
      await model('staged', 3);
      expect((await move('staged', '1', 'production')).body.model_version).toMatchObject({ version: '1', current_stage: 'Production' });
      await move('staged', '2', 'STAGING');
      await move('staged', '3', 'Production');
      expect(await stages('staged')).toEqual({ 1: 'Production', 2: 'Staging', 3: 'Production' });
      await move('staged', '2', 'Production', { archive_existing_versions: true });
      expect(await stages('staged')).toEqual({ 1: 'Archived', 2: 'Production', 3: 'Archived' });
      await move('staged', '1', 'none');
      expect(await stages('staged')).toMatchObject({ 1: 'None' });
      await move('staged', '3', 'Archived', { archive_existing_versions: 'false' });
    });

    it('gives the newest version of each stage', async () => {
      await model('latest', 4);
      await move('latest', '1', 'Production');
      await move('latest', '2', 'Production');
      await move('latest', '3', 'Archived');
      const latest = async (fields: object): Promise<string[]> =>
        ((await post('registered-models/get-latest-versions', { name: 'latest', ...fields })).body.model_versions ?? []).map(
          (row: { version: string; current_stage: string }) => `${row.version} ${row.current_stage}`,
        );
      expect((await latest({})).sort()).toEqual(['2 Production', '3 Archived', '4 None']);
      expect(await latest({ stages: ['production'] })).toEqual(['2 Production']);
      expect(await latest({ stages: ['Staging'] })).toEqual([]);
      const { body } = await read('registered-models/get', { name: 'latest' });
      expect(body.registered_model.latest_versions).toHaveLength(3);
    });

    it('asks the gates of a stage, and moves those who pass, alone where that is asked for', async () => {
      const name = await registry.model();
      const path = `/registry/v1/models/${encodeURIComponent(name)}/gates`;
      expect((await registry.as('ada', 'PUT', path, { stage: 'Production', gates: ['approved-by-another'] })).body.gates).toEqual([
        { stage: 'Production', gates: ['approved-by-another'] },
      ]);
      const { body: first } = await registry.version(name);
      const { body: second } = await registry.version(name);
      const refused = await move(name, '1', 'production');
      expect(refused).toMatchObject({
        status: 403,
        body: { error_code: 'PERMISSION_DENIED', message: expect.stringMatching(/The stage Production needs gates.*approved-by-another \(inconclusive\).*send POST .*approve/) },
      });
      for (const { version_id } of [first, second]) await registry.as('bob', 'POST', `/registry/v1/versions/${version_id}/approve`, { stage: 'Production' });
      expect((await move(name, '1', 'Production')).status).toBe(200);
      expect((await move(name, '2', 'Production', { archive_existing_versions: true })).body.model_version.current_stage).toBe('Production');
      expect(await stages(name)).toEqual({ 1: 'Archived', 2: 'Production' });
      const { body: card } = await registry.as('ada', 'GET', `/registry/v1/versions/${first.version_id}`);
      expect(card.evaluations).toMatchObject([{ stage: 'Production', outcome: 'promoted' }, { stage: 'Production', outcome: 'blocked' }]);
      expect(await registry.as('ada', 'POST', `/registry/v1/versions/${first.version_id}/promote`, { stage: 'Staging' })).toMatchObject({
        status: 200, body: { stage: 'Staging', verdict: 'pass', gates: [] },
      });
    });

    it('knows what a source stands for', async () => {
      await model('original', 1);
      await registry.record(`logged-model-${RUN}`, { type: 'cairn.tracking.v1.LoggedModelCreated', data: { modelId: LOGGED, name: 'm', sourceRunId: RUN } });
      const { body: logged } = await post('model-versions/create', { name: 'original', source: `models:/${LOGGED}`, model_id: LOGGED });
      expect(logged.model_version).toMatchObject({ version: '2', run_id: RUN, source: `models:/${LOGGED}`, model_id: LOGGED });
      expect((await read('model-versions/get-download-uri', { name: 'original', version: '2' })).body).toEqual({ artifact_uri: `models:/${LOGGED}` });
      await post('registered-models/create', { name: 'copies' });
      const { body: copy } = await post('model-versions/create', { name: 'copies', source: 'models:/original/1', run_link: 'https://ci' });
      expect(copy.model_version).toMatchObject({ run_id: RUN, source: 'models:/original/1', run_link: 'https://ci' });
      await post('model-versions/create', { name: 'copies', source: 'models:/copies/1' });
      expect((await read('model-versions/get-download-uri', { name: 'copies', version: '2' })).body).toEqual({ artifact_uri: `runs:/${RUN}/model` });
      expect((await post('model-versions/create', { name: 'copies', source: `runs:/${RUN}/model` })).body.model_version.run_id).toBe(RUN);
    });
  });

  describe('400', () => {
    it('refuses what is no stage, and archiving where nothing is pushed out', async () => {
      await model('unstaged', 1);
      for (const stage of ['', 'Deleted_Internal', 'prod', 7]) {
        expect(await post('model-versions/transition-stage', { name: 'unstaged', version: '1', stage })).toMatchObject(invalid);
      }
      for (const stage of ['None', 'Archived']) expect(await move('unstaged', '1', stage, { archive_existing_versions: true })).toMatchObject(invalid);
      expect(await move('unstaged', '1', 'Staging', { archive_existing_versions: 'maybe' })).toMatchObject(invalid);
      expect(await read('registered-models/get-latest-versions', { name: 'unstaged', stages: 'prod' })).toMatchObject(invalid);
    });

    it.each([
      '/etc/passwd', 'file:///etc/passwd', 'FILE:///etc/passwd', 'runs:/r/%252e%252e/x', 'runs:/r/a%00b', 'models:/late@champion',
      'models:/late/Production', 'models:/', 'models:/m-1',
      `runs:/${'f'.repeat(32)}/model`,
    ])('refuses the source %s', async (source) => {
      await model('sourced', 0);
      expect(await post('model-versions/create', { name: 'sourced', source, run_id: RUN })).toMatchObject(invalid);
    });
  });

  describe('404', () => {
    it('knows no such version, as a source neither', async () => {
      const absent = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
      await model('lonely', 1);
      expect(await move('lonely', '9', 'Staging')).toMatchObject(absent);
      expect(await move('nobody', '1', 'Staging')).toMatchObject(absent);
      for (const source of ['models:/lonely/9', 'models:/nobody/1', `models:/m-${'f'.repeat(32)}`]) {
        expect(await post('model-versions/create', { name: 'lonely', source })).toMatchObject(absent);
      }
    });
  });
});
