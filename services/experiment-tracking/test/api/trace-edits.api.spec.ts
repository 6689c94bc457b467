import { waitUntil } from '@cairn/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newTrace, span, TraceClient, traceInfo } from '../support/traces.js';
import { NO_RUN, startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('tags, links and deletion of traces', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  let experiment: string;
  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
    experiment = await tracking.experiment();
  });
  afterAll(() => tracking.close());

  const tagsOf = async (traceId: string) => (await traces.v3('GET', `/${traceId}`)).body.trace.trace_info.tags;
  const remove = (fields: object) => traces.v2('POST', '/delete-traces', { experiment_id: experiment, ...fields });

  describe('200', () => {
    it('sets and removes a tag, under both versions', async () => {
      const traceId = await traces.told(experiment);
      expect(await traces.v2('PATCH', `/${traceId}/tags`, { key: 'a', value: '1' })).toMatchObject({ status: 200, body: {} });
      await traces.v3('PATCH', `/${traceId}/tags`, { key: 'b', value: '2' });
      expect(await tagsOf(traceId)).toMatchObject({ a: '1', b: '2' });
      expect((await traces.v2('DELETE', `/${traceId}/tags`, { key: 'a' })).status).toBe(200);
      expect((await traces.v3('DELETE', `/${traceId}/tags`, { key: 'b' })).status).toBe(200);
      expect(Object.keys(await tagsOf(traceId)).sort()).toEqual(['mlflow.artifactLocation', 'mlflow.traceName']);
    });

    it('tags a trace of which only spans have told', async () => {
      const ids = newTrace();
      await traces.send(experiment, span(ids));
      expect((await traces.v2('PATCH', `/${ids.traceId}/tags`, { key: 'a', value: '1' })).status).toBe(200);
      expect(await tagsOf(ids.traceId)).toMatchObject({ a: '1', 'mlflow.traceName': 'root' });
    });

    it('makes a trace of which only spans have told a fact, without being asked', async () => {
      const ids = newTrace();
      const before = await tracking.store.size();
      await traces.send(experiment, span(ids));
      await waitUntil('the trace is in the log', async () => {
        const { events } = await tracking.store.readAll(before, { filter: { types: ['cairn.tracking.v1.TraceStarted'] } });
        return events.some(({ data }) => data['traceId'] === ids.traceId && data['toldBy'] === 'spans');
      });
    });

    it('links traces to a run and to prompt versions, once', async () => {
      const [traceId, run_id] = [await traces.told(experiment), await tracking.run(experiment)];
      const linkAll = async () => [
        (await traces.v2('POST', '/link-to-run', { trace_ids: [traceId], run_id })).status,
        (await traces.v3('POST', '/link-prompts', { trace_id: traceId, prompt_versions: [{ name: 'p', version: '1' }, { name: 'p', version: '2' }] })).status,
      ];
      expect(await linkAll()).toEqual([200, 200]);
      const size = await tracking.store.size();
      expect(await linkAll()).toEqual([200, 200]);
      expect(await tracking.store.size()).toBe(size);
    });

    it('deletes by ids, with the spans, and late spans do not bring a trace back', async () => {
      const ids = newTrace();
      await traces.send(experiment, span(ids));
      const kept = await traces.told(experiment);
      expect(await remove({ request_ids: [ids.traceId, 'tr-none'] })).toMatchObject({ status: 200, body: { traces_deleted: 1 } });
      expect((await traces.v3('GET', `/${ids.traceId}`)).status).toBe(404);
      await traces.send(experiment, span(ids));
      expect((await traces.v3('GET', `/get?trace_id=${ids.traceId}`)).status).toBe(404);
      expect((await traces.v3('GET', `/${kept}`)).status).toBe(200);
      expect(await remove({ request_ids: [ids.traceId] })).toMatchObject({ status: 200, body: { traces_deleted: 0 } });
      const count = (table: string) => `(SELECT count(*) FROM ${table} WHERE trace_id = $1)`;
      const left = await tracking.running.parts.stateful?.dataSource.query(`SELECT ${count('span')} + ${count('span_chunk')} AS left`, [ids.traceId]);
      expect(left).toEqual([{ left: '0' }]);
    });

    it('deletes up to a moment, the oldest first', async () => {
      const other = await tracking.experiment();
      const [first, second, third] = [await at(other, 1), await at(other, 2), await at(other, 3)];
      const removeOld = (fields: object) => traces.v2('POST', '/delete-traces', { experiment_id: other, ...fields });
      expect((await removeOld({ max_timestamp_millis: Date.UTC(2026, 0, 1, 0, 0, 2), max_traces: 1 })).body).toEqual({ traces_deleted: 1 });
      expect((await traces.v3('GET', `/${first}`)).status).toBe(404);
      expect((await removeOld({ max_timestamp_millis: Date.UTC(2026, 0, 1, 0, 0, 2) })).body).toEqual({ traces_deleted: 1 });
      expect((await traces.v3('GET', `/${second}`)).status).toBe(404);
      expect((await traces.v3('GET', `/${third}`)).status).toBe(200);
    });

    const at = (experimentId: string, seconds: number) => traces.told(experimentId, { request_time: `2026-01-01T00:00:0${seconds}Z` });
  });

  describe('400', () => {
    it.each([
      ['nothing to go by', {}], ['both', { request_ids: ['tr-1'], max_timestamp_millis: 1 }], ['a bound of ids', { request_ids: ['tr-1'], max_traces: 1 }],
      ['none at most', { max_timestamp_millis: 1, max_traces: 0 }], ['a moment that is none', { max_timestamp_millis: 'x' }], ['an id that is none', { request_ids: ['a b'] }],
    ])('refuses to delete by %s', async (_, fields) => {
      expect(await remove(fields)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });

    it('refuses tags that follow from where a trace is kept, and keys that are none', async () => {
      const traceId = await traces.told(experiment);
      for (const key of ['mlflow.trace.spansLocation', 'mlflow.artifactLocation', '', 'k'.repeat(251), 'a\0']) {
        expect((await traces.v2('PATCH', `/${traceId}/tags`, { key, value: 'x' })).status).toBe(400);
      }
    });

    it('refuses links without end, and versions that are none', async () => {
      const traceId = await traces.told(experiment);
      expect((await traces.v2('POST', '/link-to-run', { trace_ids: Array.from({ length: 101 }, () => traceId), run_id: NO_RUN })).status).toBe(400);
      expect((await traces.v2('POST', '/link-prompts', { trace_id: traceId, prompt_versions: [{ name: 'p', version: 'latest' }] })).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows no such trace, tag or run, and nothing of what was deleted', async () => {
      const traceId = await traces.told(experiment);
      expect((await traces.v2('PATCH', '/tr-none/tags', { key: 'a', value: '1' })).status).toBe(404);
      expect((await traces.v2('DELETE', `/${traceId}/tags`, { key: 'absent' })).status).toBe(404);
      expect((await traces.v2('POST', '/link-to-run', { trace_ids: [traceId], run_id: NO_RUN })).status).toBe(404);
      await remove({ request_ids: [traceId] });
      expect((await traces.v2('PATCH', `/${traceId}/tags`, { key: 'a', value: '1' })).status).toBe(404);
      expect((await traces.v3('POST', '', traceInfo(experiment, traceId))).status).toBe(404);
    });
  });
});
