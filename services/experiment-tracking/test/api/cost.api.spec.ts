import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prices } from '../support/price-list.js';
import { NO_EXPERIMENT, NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

const HOUR_MS = 3_600_000;
const cpu = { resource: 'cpu_core_seconds', amount: 7_200, label: 'measured', method: 'cgroup cpu.stat' };
const gpu = { resource: 'gpu_seconds', amount: 5_400, gpu_model: 'H200', label: 'estimated', method: 'wall time' };

describe('cost and energy', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
    await tracking.fetchJson('POST', '/tracking/v1/price-lists', prices);
    await tracking.fetchJson('POST', '/tracking/v1/price-lists', { ...prices, valid_from_ms: 10 * HOUR_MS, cpu_hour_price: '0.06' });
  });
  afterAll(() => tracking.close());

  const cost = (runId: string) => tracking.fetchJson('GET', `/tracking/v1/runs/${runId}/cost`);
  const several = (...runIds: string[]) => tracking.fetchJson('GET', `/tracking/v1/runs/costs?${runIds.map((runId) => `run_id=${runId}`).join('&')}`);
  const total = (experimentId: string) => tracking.fetchJson('GET', `/tracking/v1/experiments/${experimentId}/cost`);
  const report = (runId: string, figures: unknown) => tracking.fetchJson('POST', `/tracking/v1/runs/${runId}/resources`, { figures });
  /** It lasts an hour. */
  const ended = async (experimentId: string, tags: Record<string, string> = {}, endMs = HOUR_MS): Promise<string> => {
    const run_id = await tracking.run(experimentId, { start_time: endMs - HOUR_MS, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) });
    await tracking.mlflow('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: endMs });
    return run_id;
  };

  describe('200', () => {
    // By hand: 2 core hours at 0.05 and 1.5 GPU hours at 3.5; 2 h × 10 W + 1.5 h × 700 W = 1,070 Wh at 0.3 a kWh and 380 g.
    it('puts reported resources together with prices, each figure with its label and formula', async () => {
      const run_id = await ended(await tracking.experiment());
      const { status, body } = await report(run_id, [cpu, gpu]);
      expect([status, body.is_final, body.wall_time_seconds, body.price_list]).toEqual([200, true, 3_600, { version: 1, currency: 'EUR', valid_from_ms: 0 }]);
      expect(body.lines).toMatchObject([
        { ...cpu, money: '0.100000', formula: 'core hours × price of a core hour; cgroup cpu.stat' },
        { ...gpu, money: '5.250000' },
        { resource: 'energy_wh', amount: 1_070, label: 'default', money: '0.321000' },
      ]);
      expect(body.totals).toEqual({
        money: { amount: '5.671000', currency: 'EUR', label: 'default' }, gpu_hours: { amount: 1.5, label: 'estimated' }, energy_kwh: { amount: 1.07, label: 'default' },
        carbon_gco2e: { amount: 406.6, label: 'default' },
      });
      expect(body.missing).toEqual(['Memory is not known: report memory_gib_seconds, or set the tag cairn.hardware.memory_gib.']);
      expect((await cost(run_id)).body).toEqual(body);
    });

    it('replaces a total by a later one', async () => {
      const run_id = await ended(await tracking.experiment());
      await report(run_id, [cpu]);
      const size = await tracking.store.size();
      await report(run_id, [cpu]);
      expect(await tracking.store.size()).toBe(size);
      expect((await report(run_id, [{ ...cpu, amount: 3_600.5 }])).body.lines).toMatchObject([{ amount: 3_600.5, money: '0.050007' }, { resource: 'energy_wh' }]);
    });

    it('takes the prices that were in force when the run ended', async () => {
      const experimentId = await tracking.experiment();
      const tags = { 'cairn.hardware.cpu_count': '2' };
      const before = (await cost(await ended(experimentId, tags, 10 * HOUR_MS - 1))).body;
      expect([before.price_list.version, before.lines[0]]).toMatchObject([1, { money: '0.100000', label: 'default', method: 'wall time × cairn.hardware.cpu_count' }]);
      const after = (await cost(await ended(experimentId, tags, 10 * HOUR_MS))).body;
      expect([after.price_list.version, after.lines[0].money]).toEqual([2, '0.120000']);
    });

    // 500 W for an hour, in samples of 100 s: 500 Wh.
    it('integrates the power that MLflow sampled, when the samples cover the run', async () => {
      const sampled = async (stepMs: number): Promise<unknown> => {
        const run_id = await ended(await tracking.experiment(), { 'cairn.hardware.gpu_model': 'H200' });
        const points = Array.from({ length: HOUR_MS / stepMs + 1 }, (_, at) => ({ key: 'system/gpu_0_power_usage_watts', value: 500, timestamp: at * stepMs, step: at }));
        await tracking.mlflow('POST', 'runs/log-batch', { run_id, metrics: points });
        return (await cost(run_id)).body.lines;
      };
      expect(await sampled(100_000)).toMatchObject([
        { resource: 'gpu_seconds', amount: 3_600, gpu_model: 'H200', label: 'estimated', money: '3.500000' },
        { resource: 'energy_wh', amount: 500, label: 'estimated', money: '0.150000' },
      ]);
      expect(await sampled(200_000)).toEqual([]);
    });

    it('is not final while the run goes on, and guesses nothing', async () => {
      const { body } = await cost(await tracking.run(await tracking.experiment()));
      expect(body).toMatchObject({ is_final: false, lines: [], totals: { money: null, gpu_hours: null, energy_kwh: null, carbon_gco2e: null } });
      expect(body.missing).toHaveLength(4);
    });

    it('answers for several runs at once, each as it would alone, and leaves out what is not there', async () => {
      const experimentId = await tracking.experiment();
      const [first, second] = [await ended(experimentId), await ended(experimentId, { 'cairn.hardware.cpu_count': '2' }, 10 * HOUR_MS)];
      await report(first, [cpu]);
      const { status, body } = await several(second, NO_RUN, first, 'abc', second);
      expect([status, body.items]).toEqual([200, [(await cost(second)).body, (await cost(first)).body]]);
      expect((await tracking.fetchJson('GET', `/tracking/v1/runs/costs?run_id=${first}`, undefined, { 'x-cairn-workspace': 'theirs' })).body).toEqual({ items: [] });
    });

    it('adds up the runs of an experiment that ended', async () => {
      const experimentId = await tracking.experiment();
      for (const [label, amount] of [['measured', 3_600], ['measured', 7_200]] as const) {
        await report(await ended(experimentId), [{ ...cpu, amount, label }, { resource: 'energy_wh', amount: 100, label: 'estimated', method: 'model' }]);
      }
      await ended(experimentId);
      await tracking.run(experimentId);
      // 3 core hours at 0.05, and 0.2 kWh at 0.3 and 380 g.
      expect((await total(experimentId)).body).toEqual({
        experiment_id: experimentId, runs: 3, money: [{ amount: '0.210000', currency: 'EUR', label: 'estimated' }], gpu_hours: null,
        energy_kwh: { amount: 0.2, label: 'estimated' },
        carbon_gco2e: { amount: 76, label: 'estimated' }, runs_without_money: 1, runs_without_energy: 1,
      });
    });
  });

  describe('400', () => {
    it.each([
      ['no figure', []], ['a negative amount', [{ ...cpu, amount: -1 }]], ['an amount in words', [{ ...cpu, amount: 'much' }]],
      ['an amount beyond measure', [{ ...cpu, amount: 1e13 }]],
      ['a resource that is none', [{ ...cpu, resource: 'tpu_seconds' }]], ['a default', [{ ...cpu, label: 'default' }]], ['no method', [{ ...cpu, method: '' }]],
      ['a model with NUL', [{ ...gpu, gpu_model: '\0' }]], ['a field that is none', [{ ...cpu, unit: 's' }]],
    ])('refuses %s', async (_, figures) => {
      expect(await report(NO_RUN, figures)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });

    it('refuses to answer for no run, and for more than 100', async () => {
      for (const ids of [[], Array<string>(101).fill(NO_RUN)]) expect(await several(...ids)).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
    });

    it('refuses a resource twice, and a CPU with the model of a GPU', async () => {
      const run_id = await tracking.run(await tracking.experiment());
      for (const figures of [[cpu, cpu], [{ ...cpu, gpu_model: 'H200' }]]) {
        expect(await report(run_id, figures)).toMatchObject({ status: 400, body: { code: 'INVALID_RESOURCES' } });
      }
    });
  });

  describe('404', () => {
    it('knows no such run and no such experiment', async () => {
      for (const answer of [await cost(NO_RUN), await cost('abc'), await report(NO_RUN, [cpu])]) expect(answer).toMatchObject({ status: 404, body: { code: 'RUN_NOT_FOUND' } });
      for (const id of [NO_EXPERIMENT, 'abc']) expect(await total(id)).toMatchObject({ status: 404, body: { code: 'EXPERIMENT_NOT_FOUND' } });
    });
  });

  describe('409', () => {
    it('takes no report of a run that was deleted', async () => {
      const run_id = await tracking.run(await tracking.experiment());
      await tracking.mlflow('POST', 'runs/delete', { run_id });
      expect(await report(run_id, [cpu])).toMatchObject({ status: 409, body: { code: 'RUN_DELETED' } });
    });
  });
});
