import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY, startRegistry, type RegistryClient } from '../support/registry-client.js';

const LONG_AGO = '2001-01-01T00:00:00Z';
const FAR_OFF = '2999-01-01T01:00:00+01:00';

describe('/registry/v1/freezes, budgets and measurements', () => {
  let registry: RegistryClient;
  beforeAll(async () => {
    registry = await startRegistry();
  });
  afterAll(() => registry.close());

  const declare = (body: object) => registry.as('ada', 'POST', '/registry/v1/freezes', { from: LONG_AGO, to: FAR_OFF, reason: 'holidays', ...body });
  const lift = (id: string, body: object = { reason: 'over' }) => registry.as('bob', 'POST', `/registry/v1/freezes/${id}/lift`, body);
  const promote = (version_id: string) => registry.as('ada', 'POST', `/registry/v1/versions/${version_id}/promote`, { alias: 'champion' });
  const declareGates = (name: string, body: object) => registry.as('ada', 'PUT', `/registry/v1/models/${encodeURIComponent(name)}/gates`, { alias: 'champion', ...body });
  const measure = (version_id: string, body: object) => registry.as('bob', 'POST', `/registry/v1/versions/${version_id}/measurements`, body);

  describe('201 and 200', () => {
    it('stops promotions of a model until the freeze is lifted', async () => {
      const name = await registry.model(['not-frozen']);
      const { body: version } = await registry.version(name);
      const { status, body } = await declare({ model: name });
      expect({ status, body }).toMatchObject({
        status: 201, body: { from: '2001-01-01T00:00:00.000000Z', to: '2999-01-01T00:00:00.000000Z', reason: 'holidays', declared_by: 'ada', lifted_by: '' },
      });
      expect(await promote(version.version_id)).toMatchObject({
        status: 422, body: { gates: [{ gate: 'not-frozen', verdict: 'fail', evidence: expect.stringContaining('holidays'), remedy: expect.stringContaining('lifted') }] },
      });
      expect(await lift(body.freeze_id)).toMatchObject({ status: 200, body: { lifted_by: 'bob', lifted_because: 'over' } });
      expect((await promote(version.version_id)).status).toBe(200);
    });

    it('stops promotions of every model of its workspace, and of no other', async () => {
      const name = await registry.model(['not-frozen']);
      const { body: version } = await registry.version(name);
      const elsewhere = await registry.as('ada', 'POST', '/registry/v1/freezes', { from: LONG_AGO, to: FAR_OFF, reason: 'theirs' }, { 'x-cairn-workspace': 'theirs' });
      expect(elsewhere.status).toBe(201);
      const { body } = await declare({});
      expect((await promote(version.version_id)).status).toBe(422);
      await lift(body.freeze_id);
      expect((await promote(version.version_id)).status).toBe(200);
    });

    it('lists freezes in pages, also those that are over', async () => {
      const inPages = { 'x-cairn-workspace': 'pages' };
      for (const reason of ['a', 'b', 'c']) await registry.as('ada', 'POST', '/registry/v1/freezes', { from: LONG_AGO, to: '2002-01-01T00:00:00Z', reason }, inPages);
      const { body: first } = await registry.as('ada', 'GET', '/registry/v1/freezes?limit=2', undefined, inPages);
      const { body: rest } = await registry.as('ada', 'GET', `/registry/v1/freezes?limit=2&page_token=${first.next_page_token}`, undefined, inPages);
      expect([...first.items, ...rest.items].map(({ reason }: { reason: string }) => reason).sort()).toEqual(['a', 'b', 'c']);
    });

    it('compares what was measured with the budget', async () => {
      const name = await registry.model();
      const budget = { max_size_bytes: 7, max_p99_latency_ms: 10, min_requests: 100 };
      expect((await declareGates(name, { gates: ['size-within-budget', 'latency-within-budget'], budget })).body.gates).toMatchObject([{ alias: 'champion', budget }]);
      const { body: version } = await registry.version(name);
      expect((await promote(version.version_id)).body.gates).toMatchObject([{ verdict: 'pass' }, { verdict: 'inconclusive' }]);
      const measured = { p50_latency_ms: 2, p99_latency_ms: 11, requests: 100, conditions: '2 vCPU' };
      expect(await measure(version.version_id, measured)).toMatchObject({ status: 200, body: { measurement: { ...measured, measured_by: 'bob' } } });
      expect((await promote(version.version_id)).body.gates).toMatchObject([{ verdict: 'pass' }, { verdict: 'fail' }]);
      await measure(version.version_id, { ...measured, p99_latency_ms: 9.5 });
      expect((await promote(version.version_id)).status).toBe(200);
    });

    it('compares the signature with those of versions in use', async () => {
      const name = await registry.model(['contract-compatible']);
      const tensor = { name: 'x', datatype: 'FP32', shape: [-1, 2], columns: ['a', 'b'] };
      const output = { ...tensor, name: 'y', shape: [-1, 1], columns: [] };
      const [one, two, three] = [await registry.version(name), await registry.version(name, { signature: { inputs: [{ ...tensor, columns: ['a', 'c'] }], outputs: [output] } }),
        await registry.version(name)];
      expect((await promote(one.body.version_id)).status).toBe(200);
      expect((await promote(two.body.version_id)).body.gates).toMatchObject([{ verdict: 'fail', evidence: 'input x has columns a, c, not a, b (version 1, alias champion)' }]);
      expect((await promote(three.body.version_id)).status).toBe(200);
      await registry.as('ada', 'DELETE', '/api/2.0/mlflow/registered-models/alias', { name, alias: 'champion' });
      await registry.record('deployment-1', { type: 'cairn.serving.v1.DeploymentCreated', data: { deploymentId: 'd', name: 'late', modelName: name } },
        { type: 'cairn.serving.v1.RolloutCompleted', data: { deploymentId: 'd', versionId: one.body.version_id } });
      expect((await promote(two.body.version_id)).body.gates).toMatchObject([{ verdict: 'fail', evidence: expect.stringContaining('deployment late') }]);
    });
  });

  describe('400', () => {
    it('refuses what is no freeze', async () => {
      for (const body of [{ from: 'yesterday, or the day before' }, { to: LONG_AGO }, { reason: '' }, { reason: ' ' }, { reason: undefined }, { model: '' }, { until: 'x' }]) {
        expect((await declare(body)).status).toBe(400);
      }
      expect((await lift('abc')).status).toBe(400);
      expect((await registry.as('ada', 'GET', '/registry/v1/freezes?page_token=YWJj')).body).toMatchObject({ code: 'INVALID_PAGE_TOKEN' });
    });

    it('refuses gates of nothing and budgets without limits', async () => {
      const name = await registry.model();
      for (const body of [{ alias: undefined }, { alias: 'a b' }, { alias: undefined, stage: 'Archived' }, { stage: 'Production' }, { gates: ['size-within-budget'] },
        { gates: ['latency-within-budget'], budget: { max_size_bytes: 1 } }, { gates: [], budget: { max_size_bytes: -1 } },
        { gates: [], budget: { limit: 1 } }, { gates: [], budget: [] }]) {
        expect((await declareGates(name, { gates: ['not-frozen'], ...body })).status).toBe(400);
      }
    });

    it('refuses measurements that can not be', async () => {
      const { body: version } = await registry.version(await registry.model());
      const fine = { p50_latency_ms: 1, p99_latency_ms: 2, requests: 3 };
      for (const body of [{ p50_latency_ms: 3 }, { p99_latency_ms: -1 }, { requests: 0 }, { requests: 1.5 }, { p50_latency_ms: 'x' }, { conditions: 'x'.repeat(501) }]) {
        expect((await measure(version.version_id, { ...fine, ...body })).status).toBe(400);
      }
    });
  });

  describe('404', () => {
    it('knows neither freeze, model nor version', async () => {
      expect(await lift(NOBODY)).toMatchObject({ status: 404, body: { code: 'FREEZE_NOT_FOUND' } });
      expect(await declare({ model: 'nobody' })).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
      expect(await measure(NOBODY, { p50_latency_ms: 1, p99_latency_ms: 2, requests: 3 })).toMatchObject({ status: 404, body: { code: 'VERSION_NOT_FOUND' } });
    });
  });
});
