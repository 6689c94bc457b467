import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openView, type ViewHarness } from '../../../../test/support/view-harness.js';
import type { Param } from '../../domain/commands.js';
import type { RunEvent } from '../../domain/state.js';
import { LatestMetricRow } from '../metric-history/metric.entity.js';
import { RunModelRow } from '../run-models/run-model.entity.js';
import { ParamRow, RunInputRow, TagRow } from './run-facts.entity.js';
import { RunListProjection } from './run-list.projection.js';
import { RunListQuery } from './run-list.query.js';
import { DeletedExperimentRow, RunRow } from './run.entity.js';

const EXPERIMENT = '00000000-0000-7000-8000-000000000001';
const started = (runId: string): RunEvent => ({
  type: 'cairn.tracking.v1.RunStarted',
  data: { runId, experimentId: EXPERIMENT, name: 'first', startTimeMs: 1n, user: 'ada', tags: [{ key: 't', value: '1' }], criteriaVersion: 0, criteria: [] },
});
const tagged = (runId: string, key: string, value: string): RunEvent => ({ type: 'cairn.tracking.v1.RunTagsSet', data: { runId, tags: [{ key, value }] } });
const params = (runId: string, ...some: Param[]): RunEvent => ({ type: 'cairn.tracking.v1.ParamsLogged', data: { runId, params: some } });
const param: Param = { key: 'c', value: '1.0', origin: 'set', library: '', libraryVersion: '' };

describe('run list', () => {
  let view: ViewHarness;
  let query: RunListQuery;
  const projection = new RunListProjection();
  beforeAll(async () => {
    view = await openView(RunRow, ParamRow, TagRow, RunInputRow, LatestMetricRow, RunModelRow, DeletedExperimentRow);
    query = new RunListQuery(view.dataSource);
  });
  afterAll(() => view.close());

  it('shows the last word on every key, whether it came in one batch or in several', async () => {
    const story = (runId: string): RunEvent[] => [
      started(runId), tagged(runId, 't', '2'), params(runId, param), tagged(runId, 'mlflow.runName', 'second'),
      params(runId, { ...param, origin: 'default', library: 'scikit-learn', libraryVersion: '1.9.1' }), tagged(runId, 't', '3'),
    ];
    await view.apply(projection, ...story('at-once'));
    for (const event of story('one-by-one')) await view.apply(projection, event);
    const shown = async (runId: string) => {
      const found = await query.find('default', runId);
      return { name: found?.run.name, tags: found?.tags.map(({ key, value }) => [key, value]), params: found?.params.map(({ origin, library }) => [origin, library]) };
    };
    const expected = { name: 'second', tags: [['mlflow.runName', 'second'], ['t', '3']], params: [['default', 'scikit-learn']] };
    expect(await shown('at-once')).toEqual(expected);
    expect(await shown('one-by-one')).toEqual(expected);
  });

  it('keeps the order of setting and removing a tag, in one batch or in several', async () => {
    const untagged = (runId: string): RunEvent => ({ type: 'cairn.tracking.v1.RunTagRemoved', data: { runId, key: 't' } });
    const story = (runId: string): RunEvent[] => [started(runId), tagged(runId, 'u', '1'), untagged(runId), tagged(runId, 't', 'again'), tagged(runId, 'u', '2')];
    await view.apply(projection, ...story('tags-at-once'));
    for (const event of story('tags-one-by-one')) await view.apply(projection, event);
    await view.apply(projection, started('untagged'), untagged('untagged'));
    const shown = async (runId: string) => (await query.find('default', runId))?.tags.map(({ key, value }) => [key, value]);
    expect(await shown('tags-at-once')).toEqual([['t', 'again'], ['u', '2']]);
    expect(await shown('tags-one-by-one')).toEqual([['t', 'again'], ['u', '2']]);
    expect(await shown('untagged')).toEqual([]);
  });

  it('changes nothing when the same batch comes again', async () => {
    const batch = [started('twice'), params('twice', param), tagged('twice', 't', '2')];
    await view.apply(projection, ...batch);
    const before = await query.find('default', 'twice');
    await view.apply(projection, ...batch);
    expect(await query.find('default', 'twice')).toEqual(before);
  });

  it('takes a batch with more rows than one statement has parameters', async () => {
    const many = Array.from({ length: 12_000 }, (_, index): Param => ({ ...param, key: `p${index}` }));
    await view.apply(projection, started('many'), params('many', ...many));
    expect((await query.find('default', 'many'))?.params).toHaveLength(12_000);
  });

  it('deletes a run with its experiment also when it starts right after, and brings it back with it, however the events are cut into batches', async () => {
    const experimentId = '00000000-0000-7000-8000-000000000002';
    const began = started('late');
    const late = { ...began, data: { ...began.data, experimentId } } as RunEvent;
    const gone = { type: 'cairn.tracking.v1.ExperimentDeleted' as const, data: { experimentId } };
    const back = { type: 'cairn.tracking.v1.ExperimentRestored' as const, data: { experimentId } };
    const isDeleted = async () => (await query.findRun('default', 'late'))?.experimentDeleted;
    await view.apply(projection, gone);
    await view.apply(projection, late);
    expect(await isDeleted()).toBe(true);
    await view.apply(projection, back);
    expect(await isDeleted()).toBe(false);
    await view.apply(projection, gone, late);
    expect(await isDeleted()).toBe(true);
    await view.apply(projection, back, late);
    expect(await isDeleted()).toBe(false);
  });

  it('keeps workspaces apart', async () => {
    await view.apply(projection, started('default-only'));
    expect(await query.findRun('default', 'default-only')).not.toBeNull();
    expect(await query.findRun('other', 'default-only')).toBeNull();
    expect(await query.search('other', { view: 'all', experimentIds: [EXPERIMENT], terms: [], order: [], limit: 10, offset: 0 })).toEqual([]);
  });
});
