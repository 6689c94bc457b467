import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSpanId, newTrace, span, TraceClient, traceInfo } from '../support/traces.js';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-01-01T00:00:00Z');
const at = (ms: number) => new Date(START_MS + ms).toISOString();
const ns = (ms: number) => BigInt(START_MS + ms) * 1_000_000n;

describe('POST /api/3.0/mlflow/traces/metrics', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  let experiment: string;
  let runId: string;

  const told = async (name: string, ms: number, seconds: number, fields: object = {}, ids = newTrace()): Promise<string> => {
    const answer = await traces.v3('POST', '', traceInfo(experiment, ids.traceId, {
      request_time: at(ms), execution_duration: `${seconds}s`, tags: { 'mlflow.traceName': name, team: name }, trace_metadata: {}, ...fields,
    }));
    expect(answer.status).toBe(200);
    return ids.traceId;
  };
  const usage = (input_tokens: number, output_tokens: number) => ({
    'mlflow.trace.tokenUsage': JSON.stringify({ input_tokens, output_tokens, total_tokens: input_tokens + output_tokens }),
  });
  const source = { source_type: 'HUMAN', source_id: 'ada' };
  const assess = async (traceId: string, assessment_name: string, value: unknown, fields: object = { feedback: { value } }) =>
    (await traces.v3('POST', `/${traceId}/assessments`, { assessment: { source, assessment_name, ...fields } })).body.assessment.assessment_id;

  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
    experiment = await tracking.experiment();
    runId = await tracking.run(experiment);
    const ids = newTrace();
    const rootId = newSpanId();
    const during = (from: number, to: number) => ({ startTimeUnixNano: ns(from), endTimeUnixNano: ns(to) });
    const call = (model: string, cost: number) => ({
      'mlflow.spanType': 'LLM', 'mlflow.llm.model': model, 'mlflow.llm.provider': 'openai',
      'mlflow.llm.cost': JSON.stringify({ input_cost: cost, output_cost: cost, total_cost: 2 * cost }),
    });
    await traces.send(
      experiment, span(ids, { spanId: rootId, name: 'agent', ...during(0, 1_000) }),
      span(ids, { parentSpanId: rootId, name: 'call', ...during(100, 300) }, call('gpt', 0.5)),
      span(ids, { parentSpanId: rootId, name: 'call', ...during(HOUR_MS, HOUR_MS + 100) }, call('tiny', 0.25)),
      span(ids, { parentSpanId: rootId, name: 'look up', failed: true, ...during(400, 450) }, { 'gen_ai.operation.name': 'execute_tool' }),
    );
    const a = await told('a', 0, 1, { trace_metadata: { ...usage(10, 5), 'mlflow.trace.session': 's1', 'mlflow.sourceRun': runId } }, ids);
    const b = await told('a', 1_000, 3, { trace_metadata: { ...usage(30, 1), 'mlflow.trace.session': 's1' } });
    const c = await told('b', HOUR_MS, 2, { state: 'ERROR', trace_metadata: { 'mlflow.trace.session': 's2', 'mlflow.trace.tokenUsage': '{"input_tokens": "many"' } });
    await told('b', -HOUR_MS, 9);
    await traces.v2('POST', '/link-to-run', { trace_ids: [c], run_id: runId });
    await assess(a, 'correct', true);
    await assess(b, 'correct', 'No ');
    await assess(a, 'score', 0.5);
    await assess(b, 'score', 'high');
    await assess(c, 'stars', 4);
    const wrong = await assess(c, 'score', 9);
    await assess(c, 'score', 1.5, { feedback: { value: 1.5 }, overrides: wrong });
    await assess(c, 'answer', undefined, { expectation: { serialized_value: { serialization_format: 'JSON_FORMAT', value: '{"n":1}' } } });
    const gone = await told('gone', 0, 100);
    await traces.v2('POST', '/delete-traces', { experiment_id: experiment, request_ids: [gone] });
  });
  afterAll(() => tracking.close());

  const ask = (fields: object) =>
    traces.v3('POST', '/metrics', { experiment_ids: [experiment], view_type: 'TRACES', metric_name: 'trace_count', aggregations: [{ aggregation_type: 'COUNT' }], ...fields });
  /** Dimensions and values of each point. */
  const points = async (fields: object) => {
    const { status, body } = await ask(fields);
    expect({ status, body }).toMatchObject({ status: 200 });
    return (body.data_points ?? []).map(({ dimensions = {}, values }: { dimensions?: object; values: object }) => ({ ...dimensions, ...values }));
  };
  const all = (...types: string[]) => types.map((aggregation_type) => ({ aggregation_type }));
  const day = { start_time_ms: START_MS, end_time_ms: START_MS + 24 * HOUR_MS };

  describe('200', () => {
    it('answers points in MLflow’s shape, under both prefixes', async () => {
      const { body } = await ask({ dimensions: ['trace_status'] });
      expect(body).toEqual({ data_points: [
        { metric_name: 'trace_count', dimensions: { trace_status: 'ERROR' }, values: { COUNT: 1 } },
        { metric_name: 'trace_count', dimensions: { trace_status: 'OK' }, values: { COUNT: 3 } },
      ] });
      const fields = { experiment_ids: [experiment], view_type: 1, metric_name: 'trace_count', aggregations: [{ aggregation_type: 1 }] };
      const other = await tracking.fetchJson('POST', '/ajax-api/3.0/mlflow/traces/metrics', fields);
      expect(other.body).toEqual({ data_points: [{ metric_name: 'trace_count', values: { COUNT: 4 } }] });
    });

    it('counts traces and sessions by interval', async () => {
      expect(await points({ ...day, time_interval_seconds: 3_600, dimensions: ['trace_name'] })).toEqual([
        { time_bucket: '2026-01-01T00:00:00+00:00', trace_name: 'a', COUNT: 2 }, { time_bucket: '2026-01-01T01:00:00+00:00', trace_name: 'b', COUNT: 1 },
      ]);
      expect(await points({ metric_name: 'session_count' })).toEqual([{ COUNT: 2 }]);
    });

    it('measures latency, percentiles between two values', async () => {
      const aggregations = [...all('AVG', 'MIN', 'MAX'), ...[50, 99.5].map((percentile_value) => ({ aggregation_type: 'PERCENTILE', percentile_value }))];
      const [first, ...others] = await points({ metric_name: 'latency', aggregations, dimensions: ['trace_name'], ...day });
      expect(first).toMatchObject({ trace_name: 'a', AVG: 2_000, MIN: 1_000, MAX: 3_000, 'P50.0': 2_000 });
      expect(first['P99.5']).toBeCloseTo(2_990);
      expect(others).toMatchObject([{ trace_name: 'b', AVG: 2_000 }]);
    });

    it('sums tokens, leaving out what is none', async () => {
      const aggregations = all('SUM', 'AVG', 'MIN', 'MAX');
      expect(await points({ metric_name: 'input_tokens', aggregations })).toEqual([{ SUM: 40, AVG: 20, MIN: 10, MAX: 30 }]);
      expect(await points({ metric_name: 'total_tokens', aggregations: all('SUM'), dimensions: ['trace_name'] })).toEqual([{ trace_name: 'a', SUM: 46 }]);
      expect((await ask({ metric_name: 'cache_read_input_tokens', aggregations })).body).toEqual({});
    });

    it('counts and measures spans by name, type, status and model', async () => {
      const spans = { view_type: 'SPANS', metric_name: 'span_count' };
      expect(await points({ ...spans, dimensions: ['span_name', 'span_status'], filters: ["span.type = 'TOOL'"] })).toEqual([
        { span_name: 'look up', span_status: 'ERROR', COUNT: 1 },
      ]);
      expect(await points({ ...spans, dimensions: ['span_model_name'] })).toEqual([{ span_model_name: 'gpt', COUNT: 1 }, { span_model_name: 'tiny', COUNT: 1 }]);
      expect(await points({ ...spans, metric_name: 'latency', aggregations: all('AVG', 'MAX'), dimensions: ['span_name'], filters: ["span.name = 'call'"] })).toEqual([
        { span_name: 'call', AVG: 150, MAX: 200 },
      ]);
      // By the time of their trace; only the buckets are the spans' own.
      expect(await points({ ...spans, start_time_ms: START_MS, end_time_ms: START_MS + 1, time_interval_seconds: 3_600 })).toEqual([
        { time_bucket: '2026-01-01T00:00:00+00:00', COUNT: 3 }, { time_bucket: '2026-01-01T01:00:00+00:00', COUNT: 1 },
      ]);
    });

    it('sums cost by model, by the time of the span', async () => {
      const cost = { view_type: 'SPANS', metric_name: 'total_cost', aggregations: all('SUM') };
      expect(await points({ ...cost, dimensions: ['span_model_name', 'span_model_provider'] })).toEqual([
        { span_model_name: 'gpt', span_model_provider: 'openai', SUM: 1 }, { span_model_name: 'tiny', span_model_provider: 'openai', SUM: 0.5 },
      ]);
      expect(await points({ ...cost, start_time_ms: START_MS, end_time_ms: START_MS + 100 })).toEqual([{ SUM: 1 }]);
      expect(await points({ ...cost, start_time_ms: START_MS + 101, end_time_ms: START_MS + HOUR_MS })).toEqual([{ SUM: 0.5 }]);
    });

    it('counts assessments that are valid, and averages their values', async () => {
      const assessments = { view_type: 'ASSESSMENTS', metric_name: 'assessment_count' };
      expect(await points({ ...assessments, dimensions: ['assessment_name', 'assessment_value'] })).toEqual([
        { assessment_name: 'answer', assessment_value: '{"n":1}', COUNT: 1 }, { assessment_name: 'correct', assessment_value: '"No "', COUNT: 1 },
        { assessment_name: 'correct', assessment_value: 'true', COUNT: 1 }, { assessment_name: 'score', assessment_value: '"high"', COUNT: 1 },
        { assessment_name: 'score', assessment_value: '0.5', COUNT: 1 }, { assessment_name: 'score', assessment_value: '1.5', COUNT: 1 },
        { assessment_name: 'stars', assessment_value: '4.0', COUNT: 1 },
      ]);
      expect(await points({ ...assessments, metric_name: 'assessment_value', aggregations: all('AVG'), dimensions: ['assessment_name'] })).toEqual([
        { assessment_name: 'correct', AVG: 0.5 }, { assessment_name: 'score', AVG: 1 }, { assessment_name: 'stars', AVG: 4 },
      ]);
      expect(await points({ ...assessments, filters: ["assessment.name = 'score'", "assessment.type = 'feedback'", "trace.status = 'OK'"] })).toEqual([{ COUNT: 2 }]);
      expect(await points({ ...assessments, ...day, time_interval_seconds: 86_400 })).toEqual([{ time_bucket: '2026-01-01T00:00:00+00:00', COUNT: 7 }]);
    });

    it.each([
      ["trace.status = 'ERROR'", 1], ["trace.tag.team = 'a'", 2], ["trace.tag.`mlflow.traceName` = 'b'", 2], ["trace.tag.mlflow.traceName = 'b'", 2],
      ['trace.metadata.`mlflow.trace.session` = "s1"', 2], ["trace.metadata.mlflow.trace.session = 'none'", 0],
    ])('counts what meets %s', async (filter, count) => {
      expect(await points({ filters: [filter] })).toEqual([{ COUNT: count }]);
    });

    it('finds the traces of a run, through metadata and through a link', async () => {
      expect(await points({ filters: [`trace.metadata.mlflow.sourceRun = '${runId}'`] })).toEqual([{ COUNT: 2 }]);
    });

    it('counts a trace of which only spans have told', async () => {
      const other = await tracking.experiment();
      await traces.send(other, span(newTrace()));
      expect(await points({ experiment_ids: [other] })).toEqual([{ COUNT: 1 }]);
    });

    it('goes on where a page ended', async () => {
      const first = await ask({ dimensions: ['trace_name'], max_results: 1 });
      expect(first.body.data_points).toMatchObject([{ dimensions: { trace_name: 'a' } }]);
      const second = await ask({ dimensions: ['trace_name'], max_results: 1, page_token: first.body.next_page_token });
      expect(second.body.data_points).toMatchObject([{ dimensions: { trace_name: 'b' } }]);
      expect(second.body.next_page_token).toBeUndefined();
    });

    it('shows nothing of other workspaces and unknown experiments', async () => {
      const fields = { experiment_ids: [experiment, 'no-experiment'], view_type: 'TRACES', metric_name: 'latency', aggregations: all('AVG') };
      expect((await tracking.fetchJson('POST', '/api/3.0/mlflow/traces/metrics', fields, { 'x-mlflow-workspace': 'red' })).body).toEqual({});
    });
  });

  describe('400', () => {
    const percentile = (percentile_value?: unknown) => ({ metric_name: 'latency', aggregations: [{ aggregation_type: 'PERCENTILE', percentile_value }] });
    it.each([
      ['no experiments', { experiment_ids: [] }, 'experiment_ids'], ['no aggregations', { aggregations: [] }, 'aggregations'], ['no metric', { metric_name: '' }, 'metric_name'],
      ['a view that is none', { view_type: 'RUNS' }, 'view_type'], ['a metric of another view', { metric_name: 'span_count' }, 'metric_name must be one of'],
      ['a metric that every object has', { metric_name: 'constructor' }, 'metric_name must be one of'],
      ['an aggregation that does not fit', { aggregations: all('SUM') }, "Found invalid aggregation_type(s): ['SUM']"],
      ['an aggregation that is none', { aggregations: all('MODE') }, 'aggregation_type'],
      ['a dimension of another view', { dimensions: ['span_name'] }, "Found invalid dimension(s): ['span_name']"],
      ['a percentile without its value', percentile(), 'Percentile value is required'], ['a percentile above 100', percentile(101), 'between 0 and 100'],
      ['a percentile that is no number', percentile('x'), 'between 0 and 100'],
      ['a percentile of a count', { aggregations: [{ aggregation_type: 'COUNT', percentile_value: 5 }] }, 'only allowed'],
      ['intervals without a range', { time_interval_seconds: 60 }, 'start_time_ms and end_time_ms are required'],
      ['intervals that go backwards', { ...day, time_interval_seconds: -1 }, 'time_interval_seconds'], ['too many results', { max_results: 10_001 }, 'max_results'],
      ['a foreign page token', { page_token: 'x' }, 'page token'], ['too many aggregations', { aggregations: Array(21).fill({ aggregation_type: 'COUNT' }) }, 'At most 20'],
    ])('refuses %s', async (_, fields, words) => {
      expect(await ask(fields)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(words) } });
    });

    it.each([
      ["trace.status != 'OK'", "only '=' operator"], ["trace.status = 'OK' AND trace.tag.a = 'b'", 'Expected one filter clause'], ['', 'Expected one filter clause'],
      ["trace.tag = 'a'", 'requires a key'], ["trace.status.x = 'a'", 'does not require a key'], ["trace.name = 'a'", "Invalid entity 'name'"],
      ["run.status = 'OK'", "Invalid view type 'run'"],
      ["constructor.name = 'a'", 'Invalid view type'], ['trace.status = 1', 'quoted string'], ["span.name = 'a'", 'only supported for SPANS'],
      ["assessment.name = 'a'", 'only supported for ASSESSMENTS'], ["trace.tag.a = 'x' OR 1 = 1", 'Invalid clause'],
    ])('refuses the filter %s', async (filter, words) => {
      expect(await ask({ filters: [filter] })).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: expect.stringContaining(words) } });
    });
  });
});
