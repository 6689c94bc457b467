import { startTestService, type TestService } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { service } from '../../src/app.module.js';
import { answerJson, startUpstream, type Upstream } from '../support/upstream.js';

let gateway: TestService;
let serving: Upstream;

beforeAll(async () => {
  serving = await startUpstream((request, response) => {
    if (request.url === '/openapi.json') answerJson(response, { openapi: '3.0.0', paths: { '/serving/v1/deployments': { get: {} } }, components: { schemas: { Item: {} } } });
    else if (request.url === '/health/ready') answerJson(response, { status: 'degraded' });
    else answerJson(response, {}, 404);
  });
  const nobody = ['DATA_CATALOG', 'FEATURE_STORE', 'EXPERIMENT_TRACKING', 'TRAINING_SCHEDULER', 'MODEL_REGISTRY', 'MONITORING', 'LINEAGE'];
  gateway = await startTestService(service, {
    settings: { ...Object.fromEntries(nobody.map((name) => [`CAIRN_${name}_URL`, 'http://127.0.0.1:1'])), CAIRN_SERVING_URL: `${serving.url}/` },
  });
});

afterAll(async () => {
  await gateway.close();
  await serving.close();
});

describe('200', () => {
  it('GET /gateway/v1/services says of every service how it is', async () => {
    const { body } = await gateway.fetchJson('GET', '/gateway/v1/services');
    expect(body.items).toHaveLength(8);
    expect(body.items).toContainEqual({ service: 'serving', status: 'degraded' });
    expect(body.items).toContainEqual({ service: 'lineage', status: 'unreachable' });
  });

  it('GET /openapi.json has the paths of the services that answer', async () => {
    const { status, body } = await gateway.fetchJson('GET', '/openapi.json');
    expect(status).toBe(200);
    expect(Object.keys(body.paths)).toEqual(expect.arrayContaining(['/gateway/v1/services', '/serving/v1/deployments']));
    expect(body.components.schemas).toHaveProperty(['serving.Item']);
  });

  it('GET /health/live and /health/ready are the gateway’s own, whoever is down', async () => {
    expect((await gateway.fetchJson('GET', '/health/live')).status).toBe(200);
    expect((await gateway.fetchJson('GET', '/health/ready')).status).toBe(200);
    expect((await gateway.fetchJson('GET', '/metrics')).status).toBe(200);
  });
});

describe('a configuration that is wrong', () => {
  it('names the variable', async () => {
    await expect(startTestService(service, { settings: { CAIRN_SERVING_URL: 'serving:5006' } })).rejects.toThrow(/CAIRN_SERVING_URL/);
  });
});
