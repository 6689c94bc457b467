import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServing, type Serving } from '../support/serving.js';

/** Without a feature store; with one it is test/e2e/feature-look-up. */
describe('/serving/v1/deployments/{name}/features', () => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await startServing();
    await serving.deploy('delays', 1);
  });
  afterAll(() => serving.close());
  const ask = (method: string, body?: object, name = 'delays') => serving.fetchJson(method, `/serving/v1/deployments/${name}/features`, body);

  describe('200', () => {
    it('ends what never began', async () => {
      const size = await serving.store.size();
      expect((await ask('DELETE')).status).toBe(200);
      expect(await serving.store.size()).toBe(size);
    });
  });

  describe('400', () => {
    it.each([
      ['no service', {}],
      ['a version that is none', { feature_service: 'delay', version: 0 }],
      ['a default without a value', { feature_service: 'delay', defaults: [{ column: 'a' }] }],
      ['an unknown field', { feature_service: 'delay', default: 1 }],
    ])('refuses %s', async (_, body) => {
      expect(await ask('PUT', body)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });
  });

  describe('404', () => {
    it('knows no such deployment, and none that looks nothing up', async () => {
      expect(await ask('GET', undefined, 'nobody')).toMatchObject({ status: 404, body: { code: 'DEPLOYMENT_NOT_FOUND' } });
      expect(await ask('DELETE', undefined, 'nobody')).toMatchObject({ status: 404, body: { code: 'DEPLOYMENT_NOT_FOUND' } });
      expect(await ask('GET')).toMatchObject({ status: 404, body: { code: 'NOTHING_LOOKED_UP' } });
    });
  });

  describe('503', () => {
    it('says that the feature store does not answer', async () => {
      expect(await ask('PUT', { feature_service: 'delay' })).toMatchObject({ status: 503, body: { code: 'FEATURE_STORE_AWAY' } });
    });
  });
});
