import type { JsonAnswer } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

const BASE = '/api/3.0/mlflow/workspaces';

describe(BASE, () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  const create = (name: string, fields: object = {}): Promise<JsonAnswer> => tracking.fetchJson('POST', BASE, { name, ...fields });
  const listed = async (): Promise<string[]> => (await tracking.fetchJson('GET', BASE)).body.workspaces.map(({ name }: { name: string }) => name);
  const createExperiment = (prefix: string, headers: Record<string, string> = {}): Promise<JsonAnswer> =>
    tracking.fetchJson('POST', `${prefix}/api/2.0/mlflow/experiments/create`, { name: 'shared' }, headers);

  describe('200', () => {
    it('says that there are workspaces', async () => {
      expect(await tracking.fetchJson('GET', '/api/3.0/mlflow/server-info')).toMatchObject({ status: 200, body: { workspaces_enabled: true } });
    });

    it('lists the default one and what was created', async () => {
      expect(await create('listed')).toMatchObject({ status: 201, body: { workspace: { name: 'listed', description: '' } } });
      expect(await listed()).toEqual(expect.arrayContaining(['default', 'listed']));
      expect(await tracking.fetchJson('GET', `${BASE}/default`)).toMatchObject({ status: 200, body: { workspace: { name: 'default' } } });
    });

    it('describes one anew', async () => {
      await create('described', { description: 'a' });
      expect(await tracking.fetchJson('PATCH', `${BASE}/described`, { description: 'b' })).toMatchObject({ status: 200, body: { workspace: { description: 'b' } } });
      expect((await tracking.fetchJson('GET', `${BASE}/described`)).body).toEqual({ workspace: { name: 'described', description: 'b' } });
    });

    it('keeps names apart by the header of MLflow and by the path', async () => {
      const ids = [
        (await createExperiment('', { 'x-mlflow-workspace': 'by-header' })).body.experiment_id,
        (await createExperiment('/workspaces/by-path')).body.experiment_id,
        (await createExperiment('')).body.experiment_id,
      ];
      expect(new Set(ids).size).toBe(3);
      const read = (prefix: string, headers: Record<string, string> = {}) =>
        tracking.fetchJson('GET', `${prefix}/api/2.0/mlflow/experiments/get-by-name?experiment_name=shared`, undefined, headers);
      expect((await read('/workspaces/by-header')).body.experiment).toMatchObject({ experiment_id: ids[0] });
      expect((await read('', { 'x-mlflow-workspace': 'by-path' })).body.experiment).toMatchObject({ experiment_id: ids[1] });
      expect((await read('/workspaces/default')).body.experiment).toMatchObject({ experiment_id: ids[2] });
    });
  });

  describe('204', () => {
    it('deletes one that holds nothing any more; its name may be used again', async () => {
      await create('emptied');
      const { experiment_id } = (await createExperiment('/workspaces/emptied')).body;
      await tracking.fetchJson('POST', '/workspaces/emptied/api/2.0/mlflow/experiments/delete', { experiment_id });
      expect((await tracking.fetchJson('DELETE', `${BASE}/emptied`)).status).toBe(204);
      expect(await listed()).not.toContain('emptied');
      expect((await create('emptied')).status).toBe(201);
    });
  });

  describe('400', () => {
    it('refuses names that no workspace can have, one that is there and one that is reserved', async () => {
      await create('twice');
      expect(await create('twice')).toMatchObject({ status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } });
      for (const name of ['default', 'Red', '-a', 'a b', 'a'.repeat(64)]) {
        expect(await create(name)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      }
      expect((await tracking.fetchJson('DELETE', `${BASE}/default`)).status).toBe(400);
      expect((await tracking.fetchJson('PATCH', `${BASE}/twice`, {})).status).toBe(400);
    });

    it('refuses to delete one that holds experiments, or everything in it', async () => {
      await create('full');
      await createExperiment('/workspaces/full');
      expect(await tracking.fetchJson('DELETE', `${BASE}/full`)).toMatchObject({ status: 400, body: { message: expect.stringContaining('holds experiments') } });
      expect((await tracking.fetchJson('DELETE', `${BASE}/full?mode=CASCADE`)).status).toBe(400);
      expect(await listed()).toContain('full');
    });

    it('refuses two names in one request', async () => {
      expect((await createExperiment('/workspaces/red', { 'x-mlflow-workspace': 'blue' })).status).toBe(400);
    });

    it('refuses a place of its own', async () => {
      expect((await create('placed', { default_artifact_root: 's3://elsewhere' })).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows none that was never created', async () => {
      const absent = { status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } };
      expect(await tracking.fetchJson('GET', `${BASE}/nobody`)).toMatchObject(absent);
      expect(await tracking.fetchJson('PATCH', `${BASE}/nobody`, { description: 'x' })).toMatchObject(absent);
      expect(await tracking.fetchJson('DELETE', `${BASE}/nobody`)).toMatchObject(absent);
    });
  });
});
