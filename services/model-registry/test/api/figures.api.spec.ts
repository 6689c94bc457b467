import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { newId, streamName } from '@cairn/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRegistry, type RegistryClient } from '../support/registry-client.js';

/** What `GET /tracking/v1/runs/costs` of experiment-tracking answers of one run. */
const costOfRun = {
  run_id: 'a'.repeat(32), wall_time_seconds: 3_600, is_final: true, price_list: { version: 1, currency: 'EUR', valid_from_ms: 0 }, grid: null,
  totals: {
    money: { amount: '5.671000', currency: 'EUR', label: 'default' }, gpu_hours: { amount: 1.5, label: 'estimated' }, energy_kwh: null,
    carbon_gco2e: { amount: 406.6, label: 'measured' },
  },
  lines: [], missing: ['Memory is not known: report memory_gib_seconds, or set the tag cairn.hardware.memory_gib.'],
};
const NO_COST = { money: null, gpu_hours: null, energy_kwh: null, carbon_gco2e: null, price_list: null, is_final: null };

describe('/registry/v1/figures and /registry/v1/debt', () => {
  let registry: RegistryClient;
  const ofTracking: { readonly url: URL; readonly token: string | undefined; readonly workspace: string | string[] | undefined }[] = [];
  const tracking = createServer(({ url = '', headers }, response) => {
    ofTracking.push({ url: new URL(url, 'http://tracking'), token: headers.authorization, workspace: headers['x-cairn-workspace'] });
    const isBroken = headers['x-cairn-workspace'] === 'broken';
    response.writeHead(isBroken ? 503 : 200, { 'content-type': 'application/json' });
    const cheap = { ...costOfRun, run_id: 'b'.repeat(32), totals: { ...costOfRun.totals, money: { ...costOfRun.totals.money, amount: '0.500000' } } };
    response.end(JSON.stringify(isBroken ? {} : { items: [costOfRun, cheap] }));
  });
  beforeAll(async () => {
    await new Promise<void>((listening) => tracking.listen(0, '127.0.0.1', listening));
    registry = await startRegistry({ config: { gatewayUrl: `http://127.0.0.1:${(tracking.address() as AddressInfo).port}` } });
  });
  afterAll(async () => {
    await registry.close();
    await new Promise((closed) => tracking.close(closed));
  });

  const figures = (query = '') => registry.as('ada', 'GET', `/registry/v1/figures${query}`);
  const debt = (query = '') => registry.as('ada', 'GET', `/registry/v1/debt${query}`);
  const rollOut = async (versionId: string, deploymentId = newId()) => {
    const [rolloutId, name] = [newId(), `late-${deploymentId.slice(-6)}`];
    await registry.record(streamName('deployment', deploymentId),
      { type: 'cairn.serving.v1.DeploymentCreated', data: { deploymentId, name } },
      { type: 'cairn.serving.v1.RolloutStarted', data: { deploymentId, rolloutId, versionId, version: 1 } },
      { type: 'cairn.serving.v1.RolloutCompleted', data: { deploymentId, rolloutId, versionId, version: 1 } });
    return name;
  };

  describe('200', () => {
    it('counts what happened to one model, each figure with its definition', async () => {
      const name = await registry.model();
      const { body: version } = await registry.version(name);
      const deployment = await rollOut(version.version_id);
      const incidentId = newId();
      const opened = { incidentId, deploymentName: deployment, sentence: 'drift' };
      await registry.record(streamName('incident', incidentId), { type: 'cairn.monitoring.v1.IncidentOpened', data: opened });
      const { status, body } = await figures(`?model=${encodeURIComponent(name)}&to=2999-01-01T00:00:00Z&from=2001-01-01T00:00:00Z&failure_window_hours=24`);
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          model: name, from: '2001-01-01T00:00:00.000000Z', to: '2999-01-01T00:00:00.000000Z', failure_window_hours: 24,
          lead_time: { samples: 0, median_seconds: null, rollouts_without_known_data: 1 }, deployment_frequency: { rollouts: 1 },
          change_failure_rate: { samples: 1, ratio: 1, followed_by_incident: 1 }, time_to_restore: { samples: 0, still_open: 1 },
        },
      });
      for (const figure of ['lead_time', 'deployment_frequency', 'change_failure_rate', 'time_to_restore']) expect(body[figure].definition).toMatch(/\.$/);
      // Until now alone: all of it has happened.
      expect((await figures()).status).toBe(200);
      expect((await figures(`?model=${version.model_id}`)).body.model).toBe(name);
    });

    it('lists debts in pages, with owner and age', async () => {
      const name = await registry.model();
      const versions = [];
      for (let count = 0; count < 3; count += 1) versions.push((await registry.version(name)).body);
      expect((await debt()).body.items.filter(({ model }: { model: string }) => model === name)).toEqual([]);
      const listed: { model: string; version: number }[] = [];
      for (let token = ''; ; ) {
        const { status, body } = await debt(`?undeployed_after_days=0&owner=ada&reason=never-deployed&limit=2${token}`);
        expect(status).toBe(200);
        listed.push(...body.items);
        if (body.next_page_token === undefined) break;
        token = `&page_token=${body.next_page_token}`;
      }
      const own = listed.filter(({ model }) => model === name);
      expect(own).toMatchObject([1, 2, 3].map((version) => ({ version, owner: 'ada', reason: 'never-deployed', age_days: 0 })));
      await rollOut(versions[2]?.version_id);
      expect((await debt('?undeployed_after_days=0&stale_after_days=0')).body.items.filter(({ model }: { model: string }) => model === name)).toMatchObject([
        { version: 1, reason: 'never-deployed' }, { version: 2, reason: 'never-deployed' }, { version: 3, reason: 'stale' },
      ]);
    });
  });

  describe('200, with costs', () => {
    const owed = async (model: string, headers = {}) => {
      const { body } = await registry.as('ada', 'GET', '/registry/v1/debt?undeployed_after_days=0&limit=1000', undefined, headers);
      return body.items.filter((item: { model: string }) => item.model === model).map(({ cost }: { cost: unknown }) => cost);
    };

    it('asks experiment-tracking, as whoever asks, what the runs cost, and says of which nothing is known', async () => {
      const name = await registry.model();
      const unknownRun = newId().replaceAll('-', '');
      for (const run_id of [costOfRun.run_id, costOfRun.run_id, unknownRun]) await registry.version(name, { run_id });
      await registry.as('ada', 'POST', '/api/2.0/mlflow/model-versions/create', { name, source: 's3://bucket/model' });
      const { totals, price_list, is_final, missing } = costOfRun;
      const known = { ...totals, price_list, is_final, missing };
      expect(await owed(name)).toEqual([
        known, known, { ...NO_COST, missing: [`Experiment-tracking knows no run ${unknownRun} in this workspace.`] }, { ...NO_COST, missing: ['The version names no run.'] },
      ]);
      const { url, token } = ofTracking.at(-1) ?? {};
      expect([url?.pathname, token]).toEqual(['/tracking/v1/runs/costs', 'Bearer ada']);
      const ids = url?.searchParams.getAll('run_id') ?? [];
      expect(ids.filter((id) => id === costOfRun.run_id)).toHaveLength(1);
      expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
    });

    it('lists the most expensive first when asked to, page by page', async () => {
      const headers = { 'x-cairn-workspace': 'priced' };
      await registry.as('ada', 'POST', '/registry/v1/models', { name: 'late' }, headers);
      for (const run_id of ['c', 'b', 'a'].map((digit) => digit.repeat(32))) {
        await registry.as('ada', 'POST', '/api/2.0/mlflow/model-versions/create', { name: 'late', source: 's3://bucket/model', run_id }, headers);
      }
      const page = async (token = '') => (await registry.as('ada', 'GET', `/registry/v1/debt?undeployed_after_days=0&sort=cost&limit=2${token}`, undefined, headers)).body;
      const first = await page();
      const prices = first.items.map(({ run_id, cost }: { run_id: string; cost: { money: { amount: string } } }) => [run_id[0], cost.money.amount]);
      expect(prices).toEqual([['a', '5.671000'], ['b', '0.500000']]);
      const second = await page(`&page_token=${first.next_page_token}`);
      expect([second.items.map(({ run_id }: { run_id: string }) => run_id[0]), second.next_page_token]).toEqual([['c'], undefined]);
      const foreign = await registry.as('ada', 'GET', `/registry/v1/debt?sort=age&page_token=${first.next_page_token}`, undefined, headers);
      expect(foreign).toMatchObject({ status: 400, body: { code: 'INVALID_PAGE_TOKEN' } });
    });

    it('asks in questions of a hundred runs when the page has more', async () => {
      const headers = { 'x-cairn-workspace': 'many' };
      await registry.as('ada', 'POST', '/registry/v1/models', { name: 'late' }, headers);
      for (let count = 0; count < 101; count += 1) {
        const run_id = newId().replaceAll('-', '');
        await registry.as('ada', 'POST', '/api/2.0/mlflow/model-versions/create', { name: 'late', source: 's3://bucket/model', run_id }, headers);
      }
      expect(await owed('late', headers)).toHaveLength(101);
      const questions = ofTracking.filter(({ workspace }) => workspace === 'many').map(({ url }) => url.searchParams.getAll('run_id').length);
      expect(questions).toEqual([100, 1]);
    });

    it('lists debts without costs while experiment-tracking does not answer', async () => {
      const elsewhere = { 'x-cairn-workspace': 'broken' };
      await registry.as('ada', 'POST', '/registry/v1/models', { name: 'late' }, elsewhere);
      await registry.as('ada', 'POST', '/api/2.0/mlflow/model-versions/create', { name: 'late', source: 's3://bucket/model', run_id: costOfRun.run_id }, elsewhere);
      expect(await owed('late', elsewhere)).toEqual([{ ...NO_COST, missing: ['Experiment-tracking, which knows what runs cost, did not answer: ask again.'] }]);
    });
  });

  describe('400', () => {
    it.each([
      ['from=yesterday', 'INVALID_TIME'], ['from=2001-02-01T00:00:00Z&to=2001-01-01T00:00:00Z', 'INVALID_RANGE'], ['failure_window_hours=0', 'VALIDATION_FAILED'],
      ['to=0000-01-01T00:00:00Z', 'INVALID_TIME'], ['model=%00', 'VALIDATION_FAILED'], ['since=1', 'VALIDATION_FAILED'],
    ])('refuses figures with %s', async (query, code) => {
      expect(await figures(`?${query}`)).toMatchObject({ status: 400, body: { code } });
    });

    it.each([
      ['reason=ugly', 'VALIDATION_FAILED'], ['stale_after_days=-1', 'VALIDATION_FAILED'], ['page_token=AAAA', 'INVALID_PAGE_TOKEN'],
    ])('refuses debts with %s', async (query, code) => {
      expect(await debt(`?${query}`)).toMatchObject({ status: 400, body: { code } });
    });
  });

  describe('404', () => {
    it('knows no such model', async () => {
      expect(await figures('?model=nobody')).toMatchObject({ status: 404, body: { code: 'MODEL_NOT_FOUND' } });
    });
  });
});
