import { create } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newSpanId, newTrace, span, TraceClient, traceInfo, type SpanFields, type TraceIds } from '../support/traces.js';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('tokens and cost of a trace of which only spans tell', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  let experiment: string;
  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
    experiment = await tracking.experiment();
  });
  afterAll(() => tracking.close());

  /** A call of a model as OpenTelemetry's conventions tell of it. */
  const call = (ids: TraceIds, input: bigint, output: bigint, fields: SpanFields = {}): otlp.Span => {
    const made = span(ids, fields, { 'gen_ai.operation.name': 'chat', 'gen_ai.response.model': 'gpt' });
    const counts = { 'gen_ai.usage.input_tokens': input, 'gen_ai.usage.output_tokens': output };
    for (const [key, value] of Object.entries(counts)) made.attributes.push(create(otlp.KeyValueSchema, { key, value: { value: { case: 'intValue', value } } }));
    return made;
  };
  const metadataOf = async (traceId: string) => (await traces.v3('GET', `/${traceId}`)).body.trace.trace_info.trace_metadata;

  describe('200', () => {
    it('are summed up, and again when more spans come', async () => {
      const ids = newTrace();
      const spanId = newSpanId();
      await traces.send(experiment, call(ids, 10n, 5n, { parentSpanId: spanId }));
      expect(await metadataOf(ids.traceId)).toMatchObject({ 'mlflow.trace.tokenUsage': '{"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}' });
      await traces.send(experiment, call(ids, 1n, 2n, { parentSpanId: spanId }), span(ids, { spanId }, { 'mlflow.llm.cost': '{"total_cost": 0.5}' }));
      expect(await metadataOf(ids.traceId)).toMatchObject({
        'mlflow.trace.tokenUsage': '{"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}',
        'mlflow.trace.cost': '{"input_cost": 0.0, "output_cost": 0.0, "total_cost": 0.5}',
      });
      const size = await tracking.store.size();
      await traces.send(experiment, span(ids, { parentSpanId: spanId }));
      await metadataOf(ids.traceId);
      expect(await tracking.store.size()).toBe(size);
    });

    it('are those of a parent that has summed up itself', async () => {
      const ids = newTrace();
      const spanId = newSpanId();
      await traces.send(experiment, call(ids, 4n, 4n, { spanId }), call(ids, 3n, 3n, { parentSpanId: spanId }));
      expect(await metadataOf(ids.traceId)).toMatchObject({ 'mlflow.trace.tokenUsage': '{"input_tokens": 4, "output_tokens": 4, "total_tokens": 8}' });
    });

    it('are found by the metrics, with the kind of the span', async () => {
      const other = await tracking.experiment();
      await Promise.all([1n, 2n, 3n].map((tokens) => traces.send(other, call(newTrace(), tokens, 1n))));
      const ask = (fields: object) => traces.v3('POST', '/metrics', { experiment_ids: [other], ...fields });
      const tokens = await ask({ view_type: 'TRACES', metric_name: 'total_tokens', aggregations: [{ aggregation_type: 'SUM' }] });
      expect(tokens.body.data_points).toMatchObject([{ values: { SUM: 9 } }]);
      const kinds = await ask({ view_type: 'SPANS', metric_name: 'span_count', aggregations: [{ aggregation_type: 'COUNT' }], dimensions: ['span_type', 'span_model_name'] });
      expect(kinds.body.data_points).toMatchObject([{ dimensions: { span_type: 'CHAT_MODEL', span_model_name: 'gpt' }, values: { COUNT: 3 } }]);
    });

    it('are what the client says, once it tells of the trace', async () => {
      const ids = newTrace();
      const said = '{"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}';
      await traces.send(experiment, call(ids, 10n, 5n));
      await traces.v3('POST', '', traceInfo(experiment, ids.traceId, { trace_metadata: { 'mlflow.trace.tokenUsage': said } }));
      await traces.send(experiment, call(ids, 7n, 7n));
      expect(await metadataOf(ids.traceId)).toMatchObject({ 'mlflow.trace.tokenUsage': said });
    });
  });
});
