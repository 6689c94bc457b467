import { newId } from '@cairn/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

const auc = { metric: 'auc', comparison: '>=', threshold: 0.68 };

describe('the experiment tag cairn.criteria', () => {
  let tracking: TrackingClient;
  beforeAll(async () => {
    tracking = await startTracking();
  });
  afterAll(() => tracking.close());

  const tag = (experiment_id: string, value: unknown) =>
    tracking.mlflow('POST', 'experiments/set-experiment-tag', { experiment_id, key: 'cairn.criteria', value: typeof value === 'string' ? value : JSON.stringify(value) });
  const versions = async (id: string) => (await tracking.fetchJson('GET', `/tracking/v1/experiments/${id}/criteria`)).body.items;
  const finish = async (experimentId: string, value: number): Promise<string> => {
    const run_id = await tracking.run(experimentId);
    await tracking.mlflow('POST', 'runs/log-metric', { run_id, key: 'auc', value, timestamp: 1 });
    await tracking.mlflow('POST', 'runs/update', { run_id, status: 'FINISHED', end_time: 2 });
    return run_id;
  };
  const tagsOf = async (run_id: string) =>
    Object.fromEntries((await tracking.mlflow('GET', 'runs/get', { run_id })).body.run.data.tags.map(({ key, value }: { key: string; value: string }) => [key, value]));

  describe('200', () => {
    it('declares criteria, and once the same', async () => {
      const id = await tracking.experiment();
      for (let time = 0; time < 2; time += 1) expect((await tag(id, [auc])).status).toBe(200);
      expect(await versions(id)).toMatchObject([{ version: 1, criteria: [auc], after_first_run: false, declared_by: 'local' }]);
    });

    it('takes a field that is null for one that is absent', async () => {
      const id = await tracking.experiment();
      expect((await tag(id, [{ ...auc, slice: null, baseline: null, baseline_metric: null }])).status).toBe(200);
      expect((await versions(id))[0].criteria).toEqual([auc]);
    });

    it('declares criteria with the experiment', async () => {
      const tags = [{ key: 'cairn.criteria', value: JSON.stringify([auc]) }];
      const { body } = await tracking.mlflow('POST', 'experiments/create', { name: `declared ${newId()}`, tags });
      expect(await versions(body.experiment_id)).toMatchObject([{ version: 1, criteria: [auc] }]);
    });

    it('marks what comes after the first run, and keeps criteria when the tag goes', async () => {
      const id = await tracking.experiment();
      await tag(id, [auc]);
      const before = await finish(id, 0.7);
      await tag(id, [{ ...auc, threshold: 0.9 }]);
      expect((await tracking.mlflow('POST', 'experiments/delete-experiment-tag', { experiment_id: id, key: 'cairn.criteria' })).status).toBe(200);
      const after = await finish(id, 0.7);
      expect(await versions(id)).toMatchObject([{ version: 2, after_first_run: true }, { version: 1, after_first_run: false }]);
      expect(await tagsOf(before)).toMatchObject({ 'cairn.verdict': 'pass', 'cairn.criteria_version': '1' });
      expect(await tagsOf(after)).toMatchObject({ 'cairn.verdict': 'fail', 'cairn.criteria_version': '2' });
    });

    it('shows a verdict as tags that can be searched for, and none before it is judged', async () => {
      const id = await tracking.experiment();
      await tag(id, [auc]);
      const good = await finish(id, 0.7);
      await finish(id, 0.1);
      const going = await tracking.run(id);
      expect(await tagsOf(going)).not.toHaveProperty('cairn.verdict');
      const { body } = await tracking.mlflow('POST', 'runs/search', { experiment_ids: [id], filter: "tags.`cairn.verdict` = 'pass'" });
      expect(body.runs.map(({ info }: { info: { run_id: string } }) => info.run_id)).toEqual([good]);
    });
  });

  describe('400', () => {
    it.each([
      ['no JSON', 'auc >= 0.68', /no JSON/], ['nothing', '', /no JSON/], ['no list', auc, /array/], ['an empty list', [], /empty/],
      ['an unknown field', [{ ...auc, why: 'x' }], /why/],
      ['a comparison of its own', [{ ...auc, comparison: '=' }], /\/criteria\/0\/comparison/], ['lists of lists', [[[]]], /object/], ['null', 'null', /array/],
      ['a field that every object has', [{ ...auc, constructor: 'x' }], /no field constructor/], ['depth', `${'['.repeat(2_000)}${']'.repeat(2_000)}`, /deeper than 5 levels/],
      ['a prototype', '[{"__proto__": {"metric": "auc"}}]', /no field __proto__/], ['itself as baseline', [{ ...auc, baseline_metric: 'auc' }], /itself/],
      ['a best run of none', [{ ...auc, baseline: { best_run: true } }], /Name a finished run/],
    ])('refuses %s, and sets no tag', async (_, value, message) => {
      const id = await tracking.experiment();
      const answer = await tag(id, value);
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringMatching(message) } });
      expect((await tracking.mlflow('GET', 'experiments/get', { experiment_id: id })).body.experiment).not.toHaveProperty('tags');
    });

    it('creates no experiment with criteria that do not fit', async () => {
      const name = `undeclared ${newId()}`;
      const tags = [{ key: 'cairn.criteria', value: '[]' }];
      expect(await tracking.mlflow('POST', 'experiments/create', { name, tags })).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      expect((await tracking.mlflow('GET', 'experiments/get-by-name', { experiment_name: name })).status).toBe(404);
    });

    it('lets nobody set a verdict', async () => {
      const id = await tracking.experiment();
      const forged = { key: 'cairn.verdict', value: 'pass' };
      const refused = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining('when a run is judged') } };
      expect(await tracking.mlflow('POST', 'runs/set-tag', { run_id: await tracking.run(id), ...forged })).toMatchObject(refused);
      expect(await tracking.mlflow('POST', 'runs/create', { experiment_id: id, tags: [forged] })).toMatchObject(refused);
    });
  });
});
