import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTrace, span, TraceClient, traceInfo } from '../support/traces.js';
import { NO_EXPERIMENT, startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('/api/3.0/mlflow/traces', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  let experiment: string;
  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
    experiment = await tracking.experiment();
  });
  afterAll(() => tracking.close());

  const infoOf = async (traceId: string) => (await traces.v3('GET', `/${traceId}`)).body.trace.trace_info;

  describe('200', () => {
    it('keeps what a client tells of a trace', async () => {
      const { traceId } = newTrace();
      const told = traceInfo(experiment, traceId, { client_request_id: 'req-1' });
      const { status, body } = await traces.v3('POST', '', told);
      expect(status).toBe(200);
      const expected = {
        ...told.trace.trace_info,
        tags: { 'mlflow.traceName': 'answer', 'mlflow.artifactLocation': `mlflow-artifacts:/${experiment}/traces/${traceId}/artifacts` },
      };
      expect(body.trace.trace_info).toEqual(expected);
      expect(await infoOf(traceId)).toEqual(expected);
      expect((await traces.v3('POST', '/batchGetInfos', { trace_ids: [traceId, 'tr-none'] })).body.trace_infos).toEqual([expected]);
    });

    it('changes nothing when the same is told again, and adds what is new', async () => {
      const { traceId } = newTrace();
      const told = traceInfo(experiment, traceId, { assessments: [{ assessment_name: 'ok', source: { source_type: 'CODE', source_id: 'x' }, feedback: { value: true } }] });
      await traces.v3('POST', '', told);
      const size = await tracking.store.size();
      await traces.v3('POST', '', told);
      expect(await tracking.store.size()).toBe(size);
      await traces.v3('POST', '', traceInfo(experiment, traceId, { state: 'ERROR', tags: { extra: '1' }, request_preview: 'other' }));
      const tags = { 'mlflow.traceName': 'answer', extra: '1' };
      expect(await infoOf(traceId)).toMatchObject({ state: 'ERROR', request_preview: 'other', tags, assessments: [{ assessment_name: 'ok' }] });
    });

    it('lets the client’s account count more than the spans’, whichever came first', async () => {
      const ids = newTrace();
      await traces.send(experiment, span(ids));
      await traces.v3('GET', `/${ids.traceId}`);
      await traces.v3('POST', '', traceInfo(experiment, ids.traceId));
      await traces.send(experiment, span(ids, { failed: true }));
      expect(await infoOf(ids.traceId)).toMatchObject({
        state: 'OK', request_time: '2026-11-21T02:48:21.542Z', request_preview: '{"x": 1}',
        tags: { 'mlflow.traceName': 'answer', 'mlflow.trace.spansLocation': 'TRACKING_STORE' },
      });
    });

    it('cuts long values, and takes more tags than one event can carry', async () => {
      const tags = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`tag-${at}`, '€'.repeat(9_000)]));
      const traceId = await traces.told(experiment, { tags, request_preview: 'x'.repeat(20_000) });
      const info = await infoOf(traceId);
      expect(info.tags['tag-29']).toHaveLength(8_000);
      expect(info.request_preview).toHaveLength(10_000);
    });

    it('shows a trace without spans, and waits for no spans that are not counted', async () => {
      const traceId = await traces.told(experiment);
      expect((await traces.v3('GET', `/get?trace_id=${traceId}`)).body.trace).toEqual({ trace_info: await infoOf(traceId) });
      expect(await traces.v3('GET', '/batchGet?trace_ids=tr-none')).toMatchObject({ status: 200, body: {} });
    });

    it('keeps workspaces apart', async () => {
      const traceId = await traces.told(experiment);
      expect((await tracking.fetchJson('GET', `/api/3.0/mlflow/traces/${traceId}`, undefined, { 'x-mlflow-workspace': 'other' })).status).toBe(404);
    });
  });

  describe('400', () => {
    it.each([
      ['no trace', {}], ['no id', { trace: { trace_info: {} } }], ['an id that is none', traceInfo('0', 'a/../b')],
      ['a time that is none', traceInfo('0', 'tr-1', { request_time: 'now' })],
      ['a duration that is none', traceInfo('0', 'tr-1', { execution_duration: '1.5' })], ['a state that is none', traceInfo('0', 'tr-1', { state: 'FINE' })],
      ['a tag that is no text', traceInfo('0', 'tr-1', { tags: { a: {} } })], ['NUL', traceInfo('0', 'tr-1', { tags: { 'a\0': 'b' } })],
      ['half a character', traceInfo('0', 'tr-1', { tags: { a: '\ud800' } })],
      ['too many tags', traceInfo('0', 'tr-1', { tags: Object.fromEntries(Array.from({ length: 600 }, (_, at) => [`t${at}`, ''])) })],
      ['a key without end', traceInfo('0', 'tr-1', { trace_metadata: { ['k'.repeat(300)]: 'v' } })], ['assessments that are none', traceInfo('0', 'tr-1', { assessments: [1] })],
      ['no experiment', traceInfo('', 'tr-1')],
    ])('refuses %s', async (_, body) => {
      expect(await traces.v3('POST', '', body)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });

    it('refuses what is no list of ids, and too many of them', async () => {
      expect((await traces.v3('GET', '/batchGet')).status).toBe(400);
      expect((await traces.v3('POST', '/batchGetInfos', { trace_ids: Array.from({ length: 501 }, (_, at) => `tr-${at}`) })).status).toBe(400);
      expect((await traces.v3('GET', '/get?trace_id=tr-1&allow_partial=perhaps')).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows no such trace and no such experiment', async () => {
      expect(await traces.v3('GET', '/tr-none')).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
      expect(await traces.v3('GET', '/get?trace_id=tr-none')).toMatchObject({ status: 404 });
      expect(await traces.v3('POST', '', traceInfo(NO_EXPERIMENT, newTrace().traceId))).toMatchObject({ status: 404 });
    });

    it('shows a trace only with all the spans that its client counted, unless a part will do', async () => {
      const ids = newTrace();
      await traces.send(experiment, span(ids));
      await traces.v3('POST', '', traceInfo(experiment, ids.traceId, { trace_metadata: { 'mlflow.trace.sizeStats': '{"num_spans": 2}' } }));
      expect(await traces.v3('GET', `/get?trace_id=${ids.traceId}`)).toMatchObject({ status: 404, body: { message: expect.stringContaining('not fully exported') } });
      expect((await traces.v3('GET', `/get?trace_id=${ids.traceId}&allow_partial=True`)).body.trace.spans).toHaveLength(1);
      await traces.send(experiment, span(ids, { name: 'late' }));
      expect((await traces.v3('GET', `/get?trace_id=${ids.traceId}`)).body.trace.spans).toHaveLength(2);
    });
  });
});
