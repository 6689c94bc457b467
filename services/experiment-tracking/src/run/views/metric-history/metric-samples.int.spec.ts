import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openView, type ViewHarness } from '../../../../test/support/view-harness.js';
import { MetricSamplesQuery, type SampleRequest } from './metric-samples.query.js';
import { LatestMetricRow, MetricRow } from './metric.entity.js';

/** More than are looked at one by one. */
const POINTS = 250_000;

describe('samples of long histories', () => {
  let view: ViewHarness;
  let query: MetricSamplesQuery;
  beforeAll(async () => {
    view = await openView(MetricRow, LatestMetricRow);
    query = new MetricSamplesQuery(view.dataSource);
    const insert = (runId: string, step: string, value: string) =>
      view.dataSource.query(
        `INSERT INTO metric (run_id, key, timestamp_ms, step, value) SELECT $1, 'm', 1700000000000 + i, ${step}, ${value} FROM generate_series(0, ${POINTS - 1}) AS i`,
        [runId],
      );
    await insert('steps', 'i * 2', 'i');
    await insert('no-steps', '0', "CASE WHEN i = 7 THEN 'NaN'::double precision ELSE i END");
    await view.dataSource.query("INSERT INTO metric (run_id, key, timestamp_ms, step, value) VALUES ('short', 'm', 5, 3, 1), ('short', 'm', 6, 3, 2)");
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
    const first = 1_700_000_000_000;
    expect([found.length, found[0]?.timestampMs, found.at(-1)?.timestampMs]).toEqual([11, String(first), String(first + POINTS - 1)]);
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
      "EXPLAIN SELECT step FROM metric WHERE run_id = 'steps' AND key = 'm' AND step BETWEEN 5 AND 500 AND step >= 7 ORDER BY step, timestamp_ms, value LIMIT 1",
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).toMatch(/Index Only Scan/);
    expect(text).not.toMatch(/Sort|Append/);
  });
});
