import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TraceClient } from '../support/traces.js';
import { startTracking, type TrackingClient } from '../support/tracking-client.js';

describe('/api/3.0/mlflow/traces/{id}/assessments', () => {
  let tracking: TrackingClient;
  let traces: TraceClient;
  let traceId: string;
  beforeAll(async () => {
    tracking = await startTracking();
    traces = new TraceClient(tracking);
    traceId = await traces.told(await tracking.experiment());
  });
  afterAll(() => tracking.close());

  const feedback = {
    assessment_name: 'q', source: { source_type: 'HUMAN', source_id: 'ada' }, create_time: '2026-11-21T02:48:21.822Z', last_update_time: '2026-11-21T02:48:21.822Z',
    feedback: { value: { score: [1, 'x', true, null] } }, rationale: 'because', metadata: { step: '1' }, span_id: '00f067aa0ba902b7',
  };
  const create = (assessment: object, id = traceId) => traces.v3('POST', `/${id}/assessments`, { assessment });
  const one = (id: string) => `/${traceId}/assessments/${id}`;
  const newId = async (assessment: object = feedback): Promise<string> => (await create(assessment)).body.assessment.assessment_id;

  describe('200', () => {
    it('keeps feedback as it was given, and shows it with its trace', async () => {
      const { status, body } = await create(feedback);
      expect(status).toBe(200);
      expect(body.assessment).toEqual({ ...feedback, trace_id: traceId, assessment_id: expect.stringMatching(/^a-[0-9a-f]{32}$/), valid: true });
      expect((await traces.v3('GET', one(body.assessment.assessment_id))).body).toEqual(body);
      expect((await traces.v3('GET', `/${traceId}`)).body.trace.trace_info.assessments).toContainEqual(body.assessment);
    });

    it('keeps expectations, serialized values, errors and issues', async () => {
      for (const kind of [
        { expectation: { value: 'Paris' } }, { expectation: { serialized_value: { serialization_format: 'JSON_FORMAT', value: '{"a":1}' } } },
        { feedback: { error: { error_code: 'TIMEOUT', error_message: 'too late' } } }, { issue: { issue_name: 'slow' } },
      ]) expect((await create({ assessment_name: 'n', ...kind })).body.assessment).toMatchObject({ assessment_name: 'n', ...kind, source: { source_type: 'CODE' } });
    });

    it('changes what the mask names, and adds to the metadata', async () => {
      const id = await newId();
      const assessment = { assessment_id: id, feedback: { value: 2 }, rationale: 'other', metadata: { more: '1' } };
      const changed = await traces.v3('PATCH', one(id), { assessment, update_mask: 'feedback,metadata' });
      const expected = { assessment_name: 'q', feedback: { value: 2 }, rationale: 'because', metadata: { step: '1', more: '1' }, create_time: feedback.create_time };
      expect(changed).toMatchObject({ status: 200, body: { assessment: expected } });
      expect(changed.body.assessment.last_update_time).not.toBe(feedback.last_update_time);
      await traces.v3('PATCH', one(id), { assessment: { assessment_name: 'renamed' }, update_mask: { paths: ['assessmentName'] } });
      expect((await traces.v3('GET', one(id))).body.assessment.assessment_name).toBe('renamed');
    });

    it('overrides an assessment, and restores it when the other goes', async () => {
      const id = await newId();
      const later = await newId({ ...feedback, overrides: id });
      const valid = async () => (await traces.v3('GET', one(id))).body.assessment.valid;
      expect(await valid()).toBe(false);
      expect((await traces.v3('DELETE', one(later))).status).toBe(200);
      expect(await valid()).toBe(true);
      expect((await traces.v3('DELETE', one(later))).status).toBe(200);
    });
  });

  describe('400', () => {
    it.each([
      ['nothing', {}], ['two kinds', { feedback: { value: 1 }, expectation: { value: 1 } }], ['a value that is none', { feedback: 1 }],
      ['a time that is none', { ...feedback, create_time: 'yesterday' }],
      ['a source that is none', { ...feedback, source: { source_type: 'ORACLE' } }], ['NUL inside', { feedback: { value: ['\0'] } }],
      ['half a character', { feedback: { value: { '\udc00': 1 } } }],
      ['a name without end', { ...feedback, assessment_name: 'n'.repeat(300) }],
      ['what fits no event', { feedback: { value: 'x'.repeat(60_000) } }], ['an id that is none', { ...feedback, assessment_id: '../x' }],
    ])('refuses %s', async (_, assessment) => {
      expect(await create(assessment)).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    });

    it.each([80, 20_000])('refuses what is nested %d levels deep', async (depth) => {
      const deep = `{"assessment": {"feedback": {"value": ${'['.repeat(depth)}${']'.repeat(depth)}}}}`;
      expect((await tracking.fetchJson('POST', `/api/3.0/mlflow/traces/${traceId}/assessments`, deep)).status).toBe(400);
    });

    it('refuses a change of kind, no mask, and an id that is there', async () => {
      const id = await newId();
      expect((await traces.v3('PATCH', one(id), { assessment: { expectation: { value: 1 } }, update_mask: 'expectation' })).status).toBe(400);
      expect((await traces.v3('PATCH', one(id), { assessment: {} })).status).toBe(400);
      expect((await create({ ...feedback, assessment_id: id })).status).toBe(400);
      expect((await traces.v3('POST', `/${traceId}/assessments`, {})).status).toBe(400);
    });
  });

  describe('404', () => {
    it('knows no such trace or assessment, and overrides none that is not there', async () => {
      expect((await create(feedback, 'tr-none')).status).toBe(404);
      expect((await traces.v3('GET', one('a-none'))).status).toBe(404);
      expect((await traces.v3('PATCH', one('a-none'), { assessment: { rationale: 'x' }, update_mask: 'rationale' })).status).toBe(404);
      expect((await create({ ...feedback, overrides: 'a-none' })).status).toBe(404);
    });
  });
});
