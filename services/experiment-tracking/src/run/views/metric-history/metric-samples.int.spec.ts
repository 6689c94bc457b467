import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startedRun } from '../../../../test/support/started-run.js';
import { openView, type ViewHarness } from '../../../../test/support/view-harness.js';
import { RunListProjection } from '../run-list/run-list.projection.js';
import { MetricSamplesQuery, type SampleRequest } from './metric-samples.query.js';
import { MetricHistoryProjection } from './metric-history.projection.js';
import { LatestMetricRow, MetricChunkRow } from './metric.entity.js';

/** More than are looked at one by one. */
const POINTS = 250_000;
const PER_EVENT = 1_000;
const FIRST_MS = 1_700_000_000_000;

describe('samples of long histories', () => {
  let view: ViewHarness;
  let query: MetricSamplesQuery;
  beforeAll(async () => {
    view = await openView(...new RunListProjection().entities, MetricChunkRow, LatestMetricRow);
    query = new MetricSamplesQuery(view.dataSource);
    const log = async (runId: string, points: number, pointAt: (index: number) => { readonly step: number; readonly value: number; readonly timestampMs: number }) => {
      await view.apply(new RunListProjection(), startedRun(runId));
      for (let first = 0; first < points; first += PER_EVENT) {
        const some = Array.from({ length: Math.min(PER_EVENT, points - first) }, (_, index) => pointAt(first + index));
        const data = {
          runId, keys: some.map(() => 'm'), values: some.map(({ value }) => value), timestampsMs: some.map(({ timestampMs }) => BigInt(timestampMs)),
          steps: some.map(({ step }) => BigInt(step)), modelIds: [], datasetNames: [], datasetDigests: [],
        };
        await view.apply(new MetricHistoryProjection(), { type: 'cairn.tracking.v1.MetricsLogged', data });
      }
    };
    await log('steps', POINTS, (i) => ({ step: i * 2, value: i, timestampMs: FIRST_MS + i }));
    await log('no-steps', POINTS, (i) => ({ step: 0, value: i === 7 ? NaN : i, timestampMs: FIRST_MS + i }));
    await log('short', 2, (i) => ({ step: 3, value: i + 1, timestampMs: i + 5 }));
  });
  afterAll(() => view.close());

  const sample = (changes: Partial<SampleRequest>) => query.sample({ runIds: ['steps'], key: 'm', maxResults: 11, ...changes });
  const steps = async (changes: Partial<SampleRequest>) => (await sample(changes)).map(({ step }) => Number(step));

  it('are spread evenly over the steps, with the first and the last', async () => {
    const last = (POINTS - 1) * 2;
    const found = await steps({});
    expect([found.length, found[0], found.at(-1)]).toEqual([11, 0, last]);
    // A place between two steps is taken by the next one.
    found.forEach((step, place) => expect(step - (last * place) / 10).toBeLessThanOrEqual(2));
    const within = await steps({ steps: [9, 499_990] });
    expect([within[0], within.at(-1)]).toEqual([10, 499_990]);
  });

  it('are spread over time where there are no steps', async () => {
    const found = await sample({ runIds: ['no-steps'] });
    expect([found.length, found[0]?.timestampMs, found.at(-1)?.timestampMs]).toEqual([11, String(FIRST_MS), String(FIRST_MS + POINTS - 1)]);
  });

  it('show short histories beside long ones, run by run', async () => {
    const found = await sample({ runIds: ['short', 'steps', 'absent'] });
    const first = found.findIndex(({ runId }) => runId === 'steps');
    expect(found.slice(0, first).map(({ runId, timestampMs }) => [runId, timestampMs])).toEqual([['short', '5'], ['short', '6']]);
    expect(new Set(found.slice(first).map(({ runId }) => runId))).toEqual(new Set(['steps']));
    expect(await sample({ runIds: ['absent'] })).toEqual([]);
  });

  it('thin out many points of few steps also in a part that is short enough to be looked at whole', async () => {
    const found = await sample({ runIds: ['short'], maxResults: 1 });
    expect(found.map(({ timestampMs }) => timestampMs)).toEqual(['5', '6']);
    expect(await steps({ steps: [0, 2_000], maxResults: 5 })).toEqual([0, 400, 800, 1_200, 1_600, 2_000]);
  });

  it('find a point without reading the rest', async () => {
    const plan: { 'QUERY PLAN': string }[] = await view.dataSource.query(
      "EXPLAIN SELECT * FROM metric_chunk WHERE run_id = 'steps' AND key = 'm' AND greatest_step >= 7 ORDER BY greatest_step LIMIT 1",
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).toMatch(/Index Scan/);
    expect(text).not.toMatch(/Sort|Append/);
  });
});
