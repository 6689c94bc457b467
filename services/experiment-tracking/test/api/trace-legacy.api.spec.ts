import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTrace, span, TraceClient } from '../support/traces.js';
import { NO_EXPERIMENT, startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('/api/2.0/mlflow/traces', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  let experiment: string;
  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
    experiment = await tracking.experiment();
  });
  afterAll(() => tracking.close());

  const start = async (): Promise<string> => {
    const body = { experiment_id: experiment, timestamp_ms: 1_000, request_metadata: [{ key: 'm', value: '1' }], tags: [{ key: 'mlflow.traceName', value: 'old' }] };
    return (await traces.v2('POST', '', body)).body.trace_info.request_id;
  };
  const artifact = (traceId: string, path: string) => `${tracking.url}/api/2.0/mlflow-artifacts/artifacts/${experiment}/traces/${traceId}/artifacts/${path}`;
  const file = (query: string) => fetch(`${tracking.url}/ajax-api/2.0/mlflow/get-trace-artifact?${query}`);

  describe('200', () => {
    it('starts and ends a trace, and finds it', async () => {
      const id = await start();
      expect((await traces.v2('GET', `/${id}/info`)).body.trace_info).toMatchObject({ request_id: id, status: 'IN_PROGRESS', timestamp_ms: 1_000, execution_time_ms: 0 });
      const ended = await traces.v2('PATCH', `/${id}`, { timestamp_ms: 1_250, status: 'OK', request_metadata: [{ key: 'n', value: '2' }], tags: [{ key: 't', value: 'x' }] });
      const request_metadata = [{ key: 'm', value: '1' }, { key: 'n', value: '2' }];
      expect(ended).toMatchObject({ status: 200, body: { trace_info: { status: 'OK', execution_time_ms: 250, request_metadata } } });
      const { body } = await traces.v2('GET', `?experiment_ids=${experiment}&filter=${encodeURIComponent("tags.t = 'x'")}&max_results=10`);
      expect(body.traces.map(({ request_id }: { request_id: string }) => request_id)).toEqual([id]);
    });

    it('keeps the file of spans that such a client stores, and gives it back', async () => {
      const id = await start();
      const content = JSON.stringify({ spans: [{ name: 'root' }], request: 'x'.repeat(100_000) });
      expect((await fetch(artifact(id, 'traces.json'), { method: 'PUT', body: content })).status).toBe(200);
      expect(await (await fetch(artifact(id, 'traces.json'))).text()).toBe(content);
      expect(await (await file(`request_id=${id}`)).text()).toBe(content);
    });

    it('makes the file of spans that came over OTLP, and keeps attachments', async () => {
      const ids = newTrace();
      await traces.send(experiment, span(ids, {}, { 'mlflow.spanInputs': '{"q": "ü"}' }));
      const attributes = { 'mlflow.spanInputs': '"{\\"q\\": \\"ü\\"}"', 'mlflow.traceRequestId': `"${ids.traceId}"` };
      const answer = await file(`request_id=${ids.traceId}`);
      expect(answer.headers.get('content-disposition')).toContain('traces.json');
      expect(await answer.json()).toMatchObject({
        spans: [{ name: 'root', parent_span_id: null, status: { code: 'STATUS_CODE_OK' }, attributes }],
      });
      await fetch(artifact(ids.traceId, 'attachments/a.png'), { method: 'PUT', body: 'png' });
      expect(await (await file(`request_id=${ids.traceId}&path=a.png`)).text()).toBe('png');
    });
  });

  describe('400', () => {
    it.each([
      ['no time', { experiment_id: '0' }], ['no experiment', { timestamp_ms: 1 }], ['tags that are none', { experiment_id: '0', timestamp_ms: 1, tags: [{ value: 'x' }] }],
    ])('refuses to start with %s', async (_, body) => {
      expect((await traces.v2('POST', '', body)).status).toBe(400);
    });

    it('refuses an end that is none, and paths that climb', async () => {
      const id = await start();
      expect((await traces.v2('PATCH', `/${id}`, { timestamp_ms: 1, status: 'FINE' })).status).toBe(400);
      expect((await fetch(artifact(id, '%2e%2e%2fx'), { method: 'PUT', body: 'x' })).status).toBe(400);
      expect((await file(`request_id=${id}&path=..%2Fx`)).status).toBe(400);
      expect((await file('')).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows no such trace, file or experiment', async () => {
      expect((await traces.v2('GET', '/tr-none/info')).status).toBe(404);
      expect((await traces.v2('PATCH', '/tr-none', { timestamp_ms: 1, status: 'OK' })).status).toBe(404);
      expect((await traces.v2('POST', '', { experiment_id: NO_EXPERIMENT, timestamp_ms: 1 })).status).toBe(404);
      expect((await fetch(artifact(await start(), 'absent'))).status).toBe(404);
      expect((await fetch(artifact('tr-none', 'x'), { method: 'PUT', body: 'x' })).status).toBe(404);
    });
  });
});
