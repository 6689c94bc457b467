import { gzipSync } from 'node:zlib';
import { toJsonString } from '@bufbuild/protobuf';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { otlp } from '@cairn/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportOf, exportResponse, newSpanId, newTrace, sendExport, span, TraceClient, type ExportAnswer } from '../support/traces.js';
import { NO_EXPERIMENT, NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

/** google.rpc.Status: code is field 1, message is field 2. */
function statusOf({ bytes }: ExportAnswer): { code: number; message: string } {
  const reader = new BinaryReader(bytes);
  const found = { code: 0, message: '' };
  while (reader.pos < reader.len) {
    const [field] = reader.tag();
    if (field === 1) found.code = reader.int32();
    else found.message = reader.string();
  }
  return found;
}

describe('POST /v1/traces', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  let experiment: string;
  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
    experiment = await tracking.experiment();
  });
  afterAll(() => tracking.close());

  const send = (body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string> = {}) =>
    sendExport(tracking.url, body, { 'x-mlflow-experiment-id': experiment, ...headers });
  const get = (traceId: string) => traces.v3('GET', `/get?trace_id=${traceId}`);

  describe('200', () => {
    it('takes spans, and shows them right away', async () => {
      const ids = newTrace();
      const answer = await send(exportOf(span(ids, {}, { 'mlflow.spanType': 'LLM', question: 'größe?' })));
      expect(answer).toMatchObject({ status: 200, type: 'application/x-protobuf' });
      expect(exportResponse(answer).partialSuccess).toBeUndefined();
      const { status, body } = await get(ids.traceId);
      expect(status).toBe(200);
      expect(body.trace.trace_info).toMatchObject({
        trace_id: ids.traceId, state: 'OK', execution_duration: '1.500s', request_time: '2023-11-14T22:13:20.123Z',
        trace_location: { mlflow_experiment: { experiment_id: experiment } },
        tags: { 'mlflow.traceName': 'root', 'mlflow.trace.spansLocation': 'TRACKING_STORE' },
      });
      expect(body.trace.spans).toMatchObject([
        {
          name: 'root', trace_id: Buffer.from(ids.bytes).toString('base64'), status: { code: 'STATUS_CODE_OK' },
          attributes: [{ key: 'mlflow.spanType', value: { string_value: 'LLM' } }, { key: 'question', value: { string_value: 'größe?' } }],
        },
      ]);
    });

    it('writes times with all their digits', async () => {
      const ids = newTrace();
      await traces.send(experiment, span(ids));
      const text = await (await fetch(`${tracking.url}/api/3.0/mlflow/traces/get?trace_id=${ids.traceId}`)).text();
      expect(text).toContain('"start_time_unix_nano":1700000000123456789,"end_time_unix_nano":1700000001623456789');
    });

    it('takes gzip', async () => {
      const ids = newTrace();
      expect((await send(new Uint8Array(gzipSync(exportOf(span(ids)))), { 'content-encoding': 'gzip' })).status).toBe(200);
      expect((await get(ids.traceId)).body.trace.spans).toHaveLength(1);
    });

    it('takes JSON, with ids in hex, and answers JSON', async () => {
      const ids = newTrace();
      const spanId = newSpanId();
      const request = { resourceSpans: [{ scopeSpans: [{ spans: [{
        traceId: Buffer.from(ids.bytes).toString('hex'), spanId: Buffer.from(spanId).toString('hex'), name: 'from json', kind: 1,
        startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000000000001', attributes: [{ key: 'count', value: { intValue: '7' } }],
      }] }] }] };
      const answer = await send(JSON.stringify(request), { 'content-type': 'application/json; charset=utf-8' });
      expect(answer).toMatchObject({ status: 200, type: expect.stringContaining('application/json') });
      expect((await get(ids.traceId)).body.trace.spans).toMatchObject([
        { name: 'from json', span_id: Buffer.from(spanId).toString('base64'), attributes: [{ key: 'count', value: { int_value: 7 } }] },
      ]);
    });

    it('rejects spans without valid ids, says how many, and takes the others', async () => {
      const ids = newTrace();
      const wrong = [span(ids, { traceId: new Uint8Array(16) }), span(ids, { traceId: new Uint8Array(3) }), span(ids, { spanId: new Uint8Array(8) })];
      const answer = await send(exportOf(...wrong, span(ids)));
      expect(answer.status).toBe(200);
      expect(exportResponse(answer).partialSuccess).toMatchObject({ rejectedSpans: 3n, errorMessage: expect.stringContaining('trace_id of 16 bytes') });
      expect((await get(ids.traceId)).body.trace.spans).toHaveLength(1);
    });

    it('keeps a span once that is sent again, as it was sent last', async () => {
      const ids = newTrace();
      const spanId = newSpanId();
      await traces.send(experiment, span(ids, { spanId, name: 'first' }));
      await traces.send(experiment, span(ids, { spanId, name: 'first' }), span(ids, { spanId, name: 'second' }));
      expect((await get(ids.traceId)).body.trace.spans.map(({ name }: { name: string }) => name)).toEqual(['second']);
    });

    it('gathers the spans of a trace that come one by one, children first', async () => {
      const ids = newTrace();
      const [rootId, childId] = [newSpanId(), newSpanId()];
      await traces.send(experiment, span(ids, { spanId: childId, parentSpanId: rootId, name: 'child', startTimeUnixNano: 1_700_000_001_000_000_000n }));
      expect((await get(ids.traceId)).body.trace).toMatchObject({ trace_info: { state: 'IN_PROGRESS' }, spans: [{ name: 'child' }] });
      await traces.send(experiment, span(ids, { spanId: rootId, failed: true }));
      const { trace } = (await get(ids.traceId)).body;
      expect(trace.spans.map(({ name }: { name: string }) => name)).toEqual(['root', 'child']);
      expect(trace.trace_info).toMatchObject({ state: 'ERROR', request_time: '2023-11-14T22:13:20.123Z', tags: { 'mlflow.traceName': 'root' } });
    });

    it('takes an export of nothing, and of several traces', async () => {
      expect((await send(exportOf())).status).toBe(200);
      const all = [newTrace(), newTrace(), newTrace()];
      await traces.send(experiment, ...all.map((ids) => span(ids)));
      const query = all.map(({ traceId }) => `trace_ids=${traceId}`).join('&');
      expect((await traces.v3('GET', `/batchGet?${query}`)).body.traces).toHaveLength(3);
    });

    it('links what it takes to a run', async () => {
      const ids = newTrace();
      const runId = await tracking.run(experiment);
      expect((await send(exportOf(span(ids)), { 'x-mlflow-run-id': runId })).status).toBe(200);
      const found = await traces.search(experiment, { filter: `run_id = '${runId}'` });
      expect(found.body.traces.map(({ trace_id }: { trace_id: string }) => trace_id)).toEqual([ids.traceId]);
    });

    it('takes spans of many at once, each whole', async () => {
      const all = Array.from({ length: 40 }, () => newTrace());
      const answers = await Promise.all(all.map((ids) => traces.send(experiment, ...Array.from({ length: 5 }, (_, at) => span(ids, { name: `${at}` })))));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const query = all.map(({ traceId }) => `trace_ids=${traceId}`).join('&');
      const { body } = await traces.v3('GET', `/batchGet?${query}`);
      expect(body.traces.map(({ spans }: { spans: unknown[] }) => spans.length)).toEqual(all.map(() => 5));
    });

    it('keeps what no table can hold: NUL, numbers out of range, names without end', async () => {
      const ids = newTrace();
      const odd = span(ids, { name: `a\0${'n'.repeat(100_000)}`, startTimeUnixNano: 2n ** 64n - 1n, endTimeUnixNano: 0n }, { 'k\0': 'v\0'.repeat(50_000) });
      expect((await traces.send(experiment, odd)).status).toBe(200);
      const { status, body } = await get(ids.traceId);
      expect(status).toBe(200);
      expect(body.trace.spans[0].name).toBe(odd.name);
    });
  });

  describe('400', () => {
    it.each([
      ['bytes that are none of its messages', new Uint8Array([0xff, 0x01, 0x02])], ['a message that is cut off', exportOf(span(newTrace())).slice(0, 40)],
      ['text', 'hello'],
    ])('refuses %s, in OTLP’s shape', async (_, body) => {
      const answer = await send(body);
      expect(answer).toMatchObject({ status: 400, type: 'application/x-protobuf' });
      expect(statusOf(answer)).toMatchObject({ code: 3, message: expect.stringContaining('Invalid OpenTelemetry format') });
    });

    it.each([
      ['no JSON', '{'], ['ids that are not in hex', '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xy"}]}]}]}'],
      ['a list', '[]'], ['deep JSON', `{"resourceSpans":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
      ['deep values', `{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":${'{"arrayValue":{"values":['.repeat(200)}{}${']}}'.repeat(200)}}]}}]}`],
    ])('refuses %s', async (_, body) => {
      const answer = await send(body, { 'content-type': 'application/json' });
      expect(answer).toMatchObject({ status: 400, type: expect.stringContaining('application/json') });
      expect(JSON.parse(Buffer.from(answer.bytes).toString())).toMatchObject({ code: 3, message: expect.stringContaining('Invalid OpenTelemetry format') });
    });

    it('refuses other types and encodings, and what is no gzip', async () => {
      expect(statusOf(await send('x', { 'content-type': 'text/plain' })).message).toContain('Invalid Content-Type');
      expect(statusOf(await send(exportOf(), { 'content-encoding': 'zstd' })).message).toContain('Unsupported Content-Encoding');
      expect(statusOf(await send(exportOf(span(newTrace())), { 'content-encoding': 'gzip' })).message).toContain('can’t be decompressed');
    });

    it('needs an experiment', async () => {
      expect(statusOf(await sendExport(tracking.url, exportOf(span(newTrace())), {})).message).toContain('x-mlflow-experiment-id');
    });

    it('refuses nesting without end', async () => {
      let value: otlp.AnyValue = { $typeName: 'opentelemetry.proto.common.v1.AnyValue', value: { case: 'boolValue', value: true } };
      for (let depth = 0; depth < 60; depth += 1) {
        const list: otlp.ArrayValue = { $typeName: 'opentelemetry.proto.common.v1.ArrayValue', values: [value] };
        value = { $typeName: 'opentelemetry.proto.common.v1.AnyValue', value: { case: 'arrayValue', value: list } };
      }
      expect(toJsonString(otlp.AnyValueSchema, value)).toContain('[');
      const deep = span(newTrace());
      deep.attributes.push({ $typeName: 'opentelemetry.proto.common.v1.KeyValue', key: 'deep', value });
      expect((await send(exportOf(deep))).status).toBe(400);
    });

    it('takes nothing into a deleted experiment', async () => {
      const deleted = await tracking.experiment();
      await tracking.mlflow('POST', 'experiments/delete', { experiment_id: deleted });
      expect((await send(exportOf(span(newTrace())), { 'x-mlflow-experiment-id': deleted })).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows no such experiment and no such run', async () => {
      const unknown = await send(exportOf(span(newTrace())), { 'x-mlflow-experiment-id': NO_EXPERIMENT });
      expect(unknown.status).toBe(404);
      expect(statusOf(unknown).code).toBe(5);
      expect((await send(exportOf(span(newTrace())), { 'x-mlflow-run-id': NO_RUN })).status).toBe(404);
    });
  });

  describe('413', () => {
    it('refuses what is too large, also when it is small on the wire', async () => {
      expect((await send(new Uint8Array(9 * 1024 * 1024))).status).toBe(413);
      expect((await send(new Uint8Array(gzipSync(new Uint8Array(20 * 1024 * 1024))), { 'content-encoding': 'gzip' })).status).toBe(413);
      const ids = newTrace();
      expect((await send(exportOf(...Array.from({ length: 10_001 }, () => span(ids))))).status).toBe(413);
    });
  });
});
