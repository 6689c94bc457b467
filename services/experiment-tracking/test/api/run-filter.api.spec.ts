import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('/api/2.0/mlflow/runs/search with a filter', () => {
  let tracking: TrackingClient;
  let experiment_id: string;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    tracking = await startTracking();
    experiment_id = await tracking.experiment();
    for (const [name, auc, depth] of [['tree', 0.7, '3'], ['Forest', 0.9, '10'], ['none', 'NaN', '3']] as const) {
      const { body } = await tracking.mlflow('POST', 'runs/create', { experiment_id, run_name: name, start_time: 1_000, user_id: 'ada' });
      const { run_id } = body.run.info;
      ids.set(name, run_id);
      const metrics = [{ key: 'auc', value: 0.1, timestamp: 1, step: 0 }, { key: 'auc', value: auc, timestamp: 2, step: 1 }];
      const params = [{ key: 'max depth', value: depth }];
      const tags = name === 'none' ? [] : [{ key: 'team.name', value: 'Risk' }];
      await tracking.mlflow('POST', 'runs/log-batch', { run_id, metrics, params, tags });
    }
    const dataset = { name: 'flights', digest: 'abc', source_type: 'local', source: '{}' };
    const datasets = [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'training' }] }];
    await tracking.mlflow('POST', 'runs/log-inputs', { run_id: ids.get('tree'), datasets });
    await tracking.mlflow('POST', 'runs/update', { run_id: ids.get('Forest'), status: 'FINISHED', end_time: 5_000 });
  });
  afterAll(() => tracking.close());

  async function search(filter: string): Promise<string[]> {
    const { status, body } = await tracking.mlflow('POST', 'runs/search', { experiment_ids: [experiment_id], filter, order_by: ['attributes.run_name'] });
    expect(status, JSON.stringify(body)).toBe(200);
    return (body.runs ?? []).map(({ info }: { info: { run_name: string } }) => info.run_name).sort();
  }

  describe('200', () => {
    it.each([
      ['metrics.auc > 0.65', ['Forest', 'tree']],
      ['metrics.auc >= 0.9 AND metric.auc <= 0.9', ['Forest']],
      ['metrics.auc = 0.1', []],
      ['metrics.auc = 0', []],
      ['metrics.auc != 0.9', ['tree']],
      ['metrics.unknown != 1', []],
      ["params.`max depth` = '3'", ['none', 'tree']],
      ['params."max depth" LIKE \'1%\'', ['Forest']],
      ["tags.team.name = 'Risk'", ['Forest', 'tree']],
      ["tags.team.name = 'risk'", []],
      ["tags.team.name ILIKE 'risk' AND status = 'FINISHED'", ['Forest']],
      ['tags.team.name IS NULL AND params.`max depth` IS NOT NULL', ['none']],
      ['tags.team.name IS NOT NULL', ['Forest', 'tree']],
      ["tags.team.name != 'x'", ['Forest', 'tree']],
      ["attributes.run_name = 'Forest'", ['Forest']],
      ["run_name ILIKE 'f%'", ['Forest']],
      ["user_id = 'ada' AND start_time >= 1000", ['Forest', 'none', 'tree']],
      ['end_time > 1', ['Forest']],
      ["datasets.name IN ('flights', 'x') AND datasets.context = 'training'", ['tree']],
      ["dataset.digest != 'abc'", []],
      ["artifact_uri LIKE 'mlflow-artifacts:/%/artifacts'", ['Forest', 'none', 'tree']],
      ["params.`max depth` = ''' OR 1=1 --'", []],
    ])('%s', async (filter, names) => {
      expect(await search(filter)).toEqual(names);
    });

    it('takes lists of ids', async () => {
      const [tree, none] = [ids.get('tree'), ids.get('none')];
      expect(await search(`attributes.run_id IN ('${tree}', '${none}')`)).toEqual(['none', 'tree']);
      expect(await search(`run_id NOT IN ('${tree}')`)).toEqual(['Forest', 'none']);
    });
  });

  describe('400', () => {
    it.each(["metrics.auc > '0.5'", 'params.depth = 3', "status IN ('FINISHED')", "secret = 'x'", "datasets.age = 'x'", 'metrics.auc > 1 OR metrics.auc < 2'])(
      '%s',
      async (filter) => {
        const { status, body } = await tracking.mlflow('POST', 'runs/search', { experiment_ids: [experiment_id], filter });
        expect({ status, code: body.error_code }).toEqual({ status: 400, code: 'INVALID_PARAMETER_VALUE' });
      },
    );
  });
});
