import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTrace, span, TraceClient, traceInfo, type TraceIds } from '../support/traces.js';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('POST /api/3.0/mlflow/traces/search', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  let experiment: string;
  let runId: string;
  const names = new Map<string, string>();
  const trace = async (name: string, fields: object, ids: TraceIds = newTrace()): Promise<string> => {
    names.set(ids.traceId, name);
    const { tags = {}, ...others } = fields as { tags?: object };
    await traces.v3('POST', '', traceInfo(experiment, ids.traceId, { tags: { 'mlflow.traceName': name, ...tags }, ...others }));
    return ids.traceId;
  };
  const source = { source_type: 'HUMAN', source_id: 'ada' };
  const assess = (traceId: string, assessment: object) => traces.v3('POST', `/${traceId}/assessments`, { assessment: { source, ...assessment } });

  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
    experiment = await tracking.experiment();
    runId = await tracking.run(experiment);
    const spans = newTrace();
    await traces.send(experiment, span(spans, { name: 'chat' }, { 'mlflow.spanType': 'LLM', model: 'gpt', question: 'Wo ist die größe?', 'a.b': '5%' }));
    const a = await trace('a', { request_time: '2026-01-01T00:00:01Z', execution_duration: '0.500s', tags: { team: 'risk' } }, spans);
    const trace_metadata = { 'mlflow.sourceRun': runId, 'mlflow.modelId': 'm-1' };
    const b = await trace('b', { request_time: '2026-01-01T00:00:02Z', execution_duration: '2s', state: 'ERROR', trace_metadata });
    const c = await trace('c', { request_time: '2026-01-01T00:00:03Z', execution_duration: '1s', tags: { team: 'sales' }, client_request_id: 'req' });
    await assess(a, { assessment_name: 'correct', feedback: { value: true } });
    await assess(a, { assessment_name: 'score', feedback: { value: 0.9 } });
    await assess(b, { assessment_name: 'score', feedback: { value: 'high' } });
    await assess(c, { assessment_name: 'score', feedback: { value: 0.2 } });
    await assess(c, { assessment_name: 'answer', expectation: { value: 'Paris' } });
    await assess(b, { assessment_name: 'iss-1', issue: { issue_name: 'slow' } });
    await traces.v2('POST', '/link-to-run', { trace_ids: [c, 'tr-none'], run_id: runId });
    await traces.v2('POST', '/link-prompts', { trace_id: a, prompt_versions: [{ name: 'greeting', version: '2' }] });
  });
  afterAll(() => tracking.close());

  const found = async (filter?: string, fields: object = {}) => {
    const { status, body } = await traces.search(experiment, { ...(filter !== undefined && { filter }), ...fields });
    expect({ status, body }).toMatchObject({ status: 200 });
    return (body.traces ?? []).map(({ trace_id }: { trace_id: string }) => names.get(trace_id)).join('');
  };

  describe('200', () => {
    it.each([
      ['', 'cba'], ["trace.status = 'ERROR'", 'b'], ["attributes.status != 'ERROR'", 'ca'], ["status IN ('OK', 'ERROR')", 'cba'], ["name = 'a'", 'a'],
      ["trace.name LIKE '_'", 'cba'],
      ["tags.team = 'risk'", 'a'], ["tag.team ILIKE 'RI%'", 'a'], ["tags.team RLIKE '^(risk|sales)$'", 'ca'], ['tags.team IS NULL', 'b'], ['tags.team IS NOT NULL', 'ca'],
      ["tags.team != 'risk'", 'c'], ["request_metadata.`mlflow.modelId` = 'm-1'", 'b'], ["metadata.\"mlflow.modelId\" LIKE 'm-%'", 'b'],
      ['timestamp_ms > 1767225602000', 'c'], ['trace.timestamp <= 1767225601000', 'a'], ['execution_time_ms >= 1000 AND execution_time < 2000', 'c'],
      ['trace.end_time_ms = 1767225604000', 'cb'],
      ["client_request_id = 'req'", 'c'], ["span.name = 'chat'", 'a'], ["span.type = 'LLM' AND span.status = 'OK'", 'a'], ["span.attributes.model = 'gpt'", 'a'],
      ["span.attributes.`a.b` LIKE '5\\%'", 'a'], ["span.attributes.model RLIKE 'g.t'", 'a'], ["span.attributes.absent != 'x'", ''], ["trace.text LIKE '%größe%'", 'a'],
      ["span.content ILIKE '%GRÖSSE%' AND name = 'a'", ''], ["text ILIKE '%WO IST%'", 'a'], ["feedback.correct = 'true'", 'a'], ['feedback.score > 0.5', 'a'],
      ['feedback.score <= 0.5', 'c'],
      ["feedback.score = 'high'", 'b'], ['feedback.score IS NULL', ''], ['feedback.correct IS NOT NULL', 'a'], ["expectation.answer LIKE 'Pa%'", 'c'], ["issue.id = 'iss-1'", 'b'],
      ["prompt = 'greeting/2'", 'a'], ["prompt = 'greeting/3'", ''],
    ])('finds what meets %s', async (filter, expected) => {
      expect(await found(filter)).toBe(expected);
    });

    it('finds a trace by its run, through metadata and through a link', async () => {
      expect(await found(`attribute.run_id = '${runId}'`)).toBe('cb');
      expect(await found(`metadata.mlflow.sourceRun = '${runId}'`)).toBe('cb');
    });

    it.each([
      [['timestamp_ms ASC'], 'abc'], [['execution_time_ms DESC'], 'bca'], [['status', 'timestamp ASC'], 'bac'], [['tags.team'], 'acb'], [['tags.team DESC'], 'cab'],
      [['name DESC'], 'cba'],
      [['attributes.run_id', 'timestamp'], 'bac'], [['metadata.`mlflow.modelId`', 'timestamp'], 'bac'],
    ])('orders by %j, what has no value last', async (order_by, expected) => {
      expect(await found(undefined, { order_by })).toBe(expected);
    });

    it('goes on where a page ended', async () => {
      const first = await traces.search(experiment, { max_results: 2 });
      expect(first.body.traces).toHaveLength(2);
      const second = await traces.search(experiment, { max_results: 2, page_token: first.body.next_page_token });
      expect(second.body.traces).toHaveLength(1);
      expect(second.body.next_page_token).toBeUndefined();
    });

    it('is empty where nothing is', async () => {
      expect((await traces.search('no-experiment')).body).toEqual({});
      expect((await traces.v3('POST', '/search', { locations: [{ type: 'INFERENCE_TABLE' }] })).body).toEqual({});
    });

    it('shows a trace of which only spans have told', async () => {
      const other = await tracking.experiment();
      const ids = newTrace();
      await traces.send(other, span(ids));
      expect((await traces.search(other)).body.traces).toMatchObject([{ trace_id: ids.traceId, state: 'OK' }]);
    });
  });

  describe('400', () => {
    it.each([
      "status = 'OK' OR name = 'a'", "age = '1'", "constructor = '1'", "metrics.a = '1'", "span.age = '1'", "span.attributes = '1'", 'timestamp = "x"', 'status = 1',
      "status > 'OK'", "text = 'x'",
      "prompt LIKE 'x'", "prompt = 'x'", "feedback.score > 'x'", "tags.team RLIKE '['", "name RLIKE '(('", 'timestamp > 1e400', 'timestamp = 1.5', "issue.name = 'x'",
      `tags.team RLIKE '${'a'.repeat(1_001)}'`, "tags.team = 'a\0b'",
    ])('refuses %s', async (filter) => {
      expect(await traces.search(experiment, { filter })).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });

    it.each([
      ['an order that is none', { order_by: ['age'] }], ['a span for an order', { order_by: ['span.name'] }], ['more than a page', { max_results: 501 }],
      ['no results', { max_results: 0 }],
      ['a foreign page token', { page_token: 'x' }], ['no locations', { locations: [] }], ['locations that are none', { locations: 'x' }],
    ])('refuses %s', async (_, fields) => {
      expect(await traces.search(experiment, fields)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });
  });
});
