import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPERIMENT, startedRun } from '../../../../test/support/started-run.js';
import { openView, type ViewHarness } from '../../../../test/support/view-harness.js';
import type { Param } from '../../domain/commands.js';
import type { RunEvent } from '../../domain/state.js';
import { MetricHistoryProjection } from '../metric-history/metric-history.projection.js';
import { LatestMetricRow, MetricChunkRow } from '../metric-history/metric.entity.js';
import { RunModelRow } from '../run-models/run-model.entity.js';
import type { RunTerm } from './run-condition.js';
import { RunListProjection } from './run-list.projection.js';
import { RunListQuery } from './run-list.query.js';

const tagged = (runId: string, key: string, value: string): RunEvent => ({ type: 'cairn.tracking.v1.RunTagsSet', data: { runId, tags: [{ key, value }] } });
const params = (runId: string, ...some: Param[]): RunEvent => ({ type: 'cairn.tracking.v1.ParamsLogged', data: { runId, params: some } });
const loggedPoint = (runId: string, key: string, value: number) => ({
  type: 'cairn.tracking.v1.MetricsLogged' as const,
  data: { runId, keys: [key], values: [value], timestampsMs: [0n], steps: [0n], modelIds: [], datasetNames: [], datasetDigests: [] },
});
const param: Param = { key: 'c', value: '1.0', origin: 'set', library: '', libraryVersion: '' };

describe('run list', () => {
  let view: ViewHarness;
  let query: RunListQuery;
  const projection = new RunListProjection();
  beforeAll(async () => {
    view = await openView(...projection.entities, MetricChunkRow, LatestMetricRow, RunModelRow);
    query = new RunListQuery(view.dataSource);
  });
  afterAll(() => view.close());

  it('shows the last word on every key, whether it came in one batch or in several', async () => {
    const story = (runId: string): RunEvent[] => [
      startedRun(runId), tagged(runId, 't', '2'), params(runId, param), tagged(runId, 'mlflow.runName', 'second'),
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
    const story = (runId: string): RunEvent[] => [startedRun(runId), tagged(runId, 'u', '1'), untagged(runId), tagged(runId, 't', 'again'), tagged(runId, 'u', '2')];
    await view.apply(projection, ...story('tags-at-once'));
    for (const event of story('tags-one-by-one')) await view.apply(projection, event);
    await view.apply(projection, startedRun('untagged'), untagged('untagged'));
    const shown = async (runId: string) => (await query.find('default', runId))?.tags.map(({ key, value }) => [key, value]);
    expect(await shown('tags-at-once')).toEqual([['t', 'again'], ['u', '2']]);
    expect(await shown('tags-one-by-one')).toEqual([['t', 'again'], ['u', '2']]);
    expect(await shown('untagged')).toEqual([]);
  });

  it('changes nothing when the same batch comes again', async () => {
    const batch = [startedRun('twice'), params('twice', param), tagged('twice', 't', '2')];
    await view.apply(projection, ...batch);
    const before = await query.find('default', 'twice');
    await view.apply(projection, ...batch);
    expect(await query.find('default', 'twice')).toEqual(before);
  });

  it('takes a batch with more rows than one statement has parameters', async () => {
    const many = Array.from({ length: 12_000 }, (_, index): Param => ({ ...param, key: `p${index}` }));
    await view.apply(projection, startedRun('many'), params('many', ...many));
    expect((await query.find('default', 'many'))?.params).toHaveLength(12_000);
  });

  it('deletes a run with its experiment also when it starts right after, and brings it back with it, however the events are cut into batches', async () => {
    const experimentId = '00000000-0000-7000-8000-000000000002';
    const late = startedRun('late', { experimentId });
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

  it('orders by a metric page by page as in one: numbers, then NaN, then what has none, in either direction, of equal ones the last that was started', async () => {
    const experimentId = '00000000-0000-7000-8000-000000000003';
    const values = [0.5, NaN, undefined, -Infinity, 1, 0.5, Infinity, undefined, NaN, 0];
    const runs = values.map((value, index) => ({ runId: `ordered-${index}`, value, startTimeMs: BigInt(index) }));
    for (const { runId, value, startTimeMs } of runs) {
      await view.apply(projection, startedRun(runId, { experimentId, startTimeMs }));
      if (value !== undefined) await view.apply(new MetricHistoryProjection(), loggedPoint(runId, 'm', value));
    }
    const group = (value: number | undefined): number => (value === undefined ? 2 : Number.isNaN(value) ? 1 : 0);
    const compare = (one: number | undefined, other: number | undefined): number =>
      group(one) - group(other) || (group(one) > 0 || one === other ? 0 : Number(one) < Number(other) ? -1 : 1);
    const search = async (descending: boolean, limit: number, offset: number, terms: RunTerm[] = []) => {
      const order = [{ by: 'metric' as const, key: 'm', descending }];
      return (await query.search('default', { view: 'active', experimentIds: [experimentId], terms, order, limit, offset })).map(({ run }) => run.runId);
    };
    for (const descending of [true, false]) {
      const turned = (one: number | undefined): number | undefined => (descending && one !== undefined ? -one : one);
      const ordered = runs.toSorted((a, b) => compare(turned(a.value), turned(b.value)) || Number(b.startTimeMs - a.startTimeMs));
      const expected = ordered.map(({ runId }) => runId);
      for (let limit = 1; limit <= runs.length + 1; limit += 1) {
        const pages: string[] = [];
        for (let offset = 0; offset <= runs.length; offset += limit) pages.push(...(await search(descending, limit, offset)));
        expect(pages).toEqual(expected);
      }
      const positive = ordered.filter(({ value }) => Number(value) > 0).map(({ runId }) => runId);
      expect(await search(descending, 3, 2, [{ by: 'metric', key: 'm', comparator: '>', value: 0 }])).toEqual(positive.slice(2, 5));
    }
  });

  it('orders by start in either direction', async () => {
    const experimentId = '00000000-0000-7000-8000-000000000004';
    const runIds = Array.from({ length: 5 }, (_, index) => `started-${index}`);
    for (const [index, runId] of runIds.entries()) await view.apply(projection, startedRun(runId, { experimentId, startTimeMs: BigInt(index) }));
    const search = async (descending: boolean) => {
      const order = [{ by: 'attribute' as const, column: 'start_time_ms' as const, descending }];
      return (await query.search('default', { view: 'active', experimentIds: [experimentId], terms: [], order, limit: 3, offset: 1 })).map(({ run }) => run.runId);
    };
    expect(await search(false)).toEqual(runIds.slice(1, 4));
    expect(await search(true)).toEqual(runIds.toReversed().slice(1, 4));
  });

  it('keeps workspaces apart', async () => {
    await view.apply(projection, startedRun('default-only'));
    expect(await query.findRun('default', 'default-only')).not.toBeNull();
    expect(await query.findRun('other', 'default-only')).toBeNull();
    expect(await query.search('other', { view: 'all', experimentIds: [EXPERIMENT], terms: [], order: [], limit: 10, offset: 0 })).toEqual([]);
  });
});
