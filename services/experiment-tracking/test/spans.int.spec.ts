import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SpanKeeping } from '../src/span-log/span-keeping.js';
import { newSpanId, newTrace, span, TraceClient } from './support/traces.js';
import { startTracking, type TrackingClient } from './support/tracking-client.js';

const tables = ['trace', 'trace_assessment', 'trace_link', 'trace_artifact', 'span_segment'];

describe('spans', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
  });
  afterAll(() => tracking.close());

  const seal = async (experiment: string) => (await tracking.fetchJson('POST', `/tracking/v1/experiments/${experiment}/span-segments`)).body.sealed;
  const spanNames = async (traceId: string) => {
    const { body } = await traces.v3('GET', `/get?trace_id=${traceId}`);
    return (body.trace?.spans ?? []).map(({ name }: { name: string }) => name);
  };
  const query = (sql: string, parameters: unknown[] = []) => tracking.running.parts.stateful?.dataSource.query(sql, parameters);

  it('are shown the same before and after they are sealed, and leave the table', async () => {
    const experiment = await tracking.experiment();
    const all = [newTrace(), newTrace()];
    const spanId = newSpanId();
    await traces.send(experiment, ...all.map((ids) => span(ids)), span(all[0]!, { spanId, name: 'before' }));
    const shown = async () => Promise.all(all.map(async ({ traceId }) => (await traces.v3('GET', `/get?trace_id=${traceId}`)).body));
    const before = await shown();
    expect(await seal(experiment)).toBe(1);
    expect(await shown()).toEqual(before);
    const counted = 'SELECT count(*) FILTER (WHERE bytes IS NOT NULL) AS kept, count(*) AS chunks FROM span_chunk WHERE experiment_id = $1';
    expect(await query(counted, [experiment])).toEqual([{ kept: '0', chunks: '2' }]);
    await traces.send(experiment, span(all[0]!, { spanId, name: 'after' }));
    expect(await spanNames(all[0]!.traceId)).toEqual(['root', 'after']);
    expect(await seal(experiment)).toBe(1);
    expect(await seal(experiment)).toBe(0);
    expect(await spanNames(all[0]!.traceId)).toEqual(['root', 'after']);
    const { body } = await tracking.fetchJson('GET', `/tracking/v1/experiments/${experiment}/span-segments`);
    expect(body.items).toMatchObject([{ span_count: 3, trace_count: 2 }, { span_count: 1, trace_count: 1 }]);
  });

  it('are found again from sealed segments alone', async () => {
    const experiment = await tracking.experiment();
    const [kept, gone] = [newTrace(), newTrace()];
    await traces.send(experiment, span(kept, {}, { model: 'gpt', 'mlflow.llm.model': 'gpt', 'mlflow.llm.cost': '{"total_cost": 0.5}' }), span(gone));
    await seal(experiment);
    await traces.v2('POST', '/delete-traces', { experiment_id: experiment, request_ids: [gone.traceId] });
    const search = async () => (await traces.search(experiment, { filter: "span.attributes.model = 'gpt'" })).body.traces?.length;
    expect(await search()).toBe(1);
    await query('TRUNCATE span, span_chunk, span_trace, span_segment_index');
    expect(await spanNames(kept.traceId)).toEqual([]);
    await tracking.running.app.get(SpanKeeping).mend();
    expect(await spanNames(kept.traceId)).toEqual(['root']);
    expect(await search()).toBe(1);
    expect(await query('SELECT cost, model_name FROM span WHERE trace_id = $1', [kept.traceId])).toEqual([{ cost: { total_cost: 0.5 }, model_name: 'gpt' }]);
    expect(await query('SELECT FROM span WHERE trace_id = $1', [gone.traceId])).toEqual([]);
    expect((await traces.v3('GET', `/${gone.traceId}`)).status).toBe(404);
  });

  it('are forgotten with their trace, also when that is sealed', async () => {
    const experiment = await tracking.experiment();
    const ids = newTrace();
    await traces.send(experiment, span(ids));
    await seal(experiment);
    await traces.v2('POST', '/delete-traces', { experiment_id: experiment, request_ids: [ids.traceId] });
    expect(await query('SELECT FROM span_chunk WHERE trace_id = $1', [ids.traceId])).toEqual([]);
    expect(await seal(experiment)).toBe(0);
  });

  it('leave the tables of traces the same when the log is replayed', async () => {
    const experiment = await tracking.experiment();
    const ids = newTrace();
    const usage = '{"input_tokens": 1}';
    await traces.send(experiment, span(ids, {}, { 'mlflow.chat.tokenUsage': usage }));
    const traceId = await traces.told(experiment, { tags: { a: '1', b: '2' }, trace_metadata: { 'mlflow.trace.tokenUsage': usage } });
    await traces.v2('PATCH', `/${ids.traceId}/tags`, { key: 'x', value: 'y' });
    await traces.v2('DELETE', `/${traceId}/tags`, { key: 'a' });
    const { body } = await traces.v3('POST', `/${traceId}/assessments`, { assessment: { assessment_name: 'q', feedback: { value: 1 } } });
    await traces.v3('POST', `/${traceId}/assessments`, { assessment: { assessment_name: 'q', feedback: { value: 2 }, overrides: body.assessment.assessment_id } });
    await traces.v2('POST', '/link-to-run', { trace_ids: [traceId], run_id: await tracking.run(experiment) });
    await fetch(`${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experiment}/traces/${traceId}/artifacts/traces.json`, { method: 'PUT', body: '{}' });
    const deleted = await traces.told(experiment);
    await traces.v2('POST', '/delete-traces', { experiment_id: experiment, request_ids: [deleted] });
    await seal(experiment);
    const report = await tracking.running.parts.stateful?.runner.rebuild();
    expect(report).toMatchObject({ identical: true });
    const filled = report?.tables.filter(({ rowsLive }) => rowsLive > 0).map(({ table }) => table);
    expect(filled).toEqual(expect.arrayContaining(tables));
  });
});
