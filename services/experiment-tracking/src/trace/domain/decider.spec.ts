import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { Assessment, TraceCommand, TraceEnd, TraceFacts } from './commands.js';
import { trace } from './decider.js';
import type { TraceEvent } from './state.js';

const { given } = deciderSpec(trace);
const meta = testMeta();

const facts: TraceFacts = {
  traceId: 'tr-1', experimentId: 'e1', startTimeMs: 10n, clientRequestId: '', user: 'ada', requestPreview: 'q', metadata: [{ key: 'm', value: '1' }],
  tags: [{ key: 't', value: '1' }],
};
const end: TraceEnd = { state: 'OK', durationMs: 5n, responsePreview: 'a' };
const started = { type: 'cairn.tracking.v1.TraceStarted', data: { ...facts, toldBy: 'client' } } as const satisfies TraceEvent;
const ended = { type: 'cairn.tracking.v1.TraceEnded', data: { traceId: 'tr-1', user: 'ada', ...end, toldBy: 'client' } } as const satisfies TraceEvent;
const startedBySpans = { ...started, data: { ...started.data, toldBy: 'spans' } };
const endedBySpans = { ...ended, data: { ...ended.data, toldBy: 'spans' } };
const deleted = { type: 'cairn.tracking.v1.TraceDeleted', data: { traceId: 'tr-1', experimentId: 'e1' } } as const satisfies TraceEvent;
const assessment: Assessment = {
  assessmentId: 'a-1', name: 'q', kind: 'feedback', value: '{"value":1}', sourceType: 'HUMAN', sourceId: 'ada', createTime: 'c', lastUpdateTime: 'c', spanId: '',
  rationale: '', metadata: [],
  overrides: '', valid: true,
};
const logged = (fields: Partial<Assessment> = {}): TraceEvent => ({
  type: 'cairn.tracking.v1.AssessmentLogged', data: { traceId: 'tr-1', assessment: { ...assessment, ...fields } },
});
const tell = (fields: Partial<TraceFacts> = {}, ending: TraceEnd | undefined = end): TraceCommand => ({
  type: 'TellTrace', data: { facts: { ...facts, ...fields }, end: ending, assessments: [] }, meta,
});
const observe = (fields: Partial<TraceFacts> = {}, ending: TraceEnd | undefined = end): TraceCommand => ({
  type: 'ObserveSpans', data: { facts: { ...facts, ...fields }, end: ending }, meta,
});

describe('trace', () => {
  it('is told by its client, once', () => {
    given([]).when(tell()).then([started, ended]);
    given([started, ended]).when(tell()).thenNothing();
    given([]).when({ type: 'TellTrace', data: { facts, end: undefined, assessments: [] }, meta }).then([started]);
    given([]).when(tell({}, { ...end, state: 'FINE' })).thenRefused('INVALID_TRACE_STATE');
  });

  it('is told by its spans until its client tells of it', () => {
    given([]).when(observe()).then([startedBySpans, endedBySpans]);
    given([startedBySpans, endedBySpans]).when(observe()).thenNothing();
    given([startedBySpans]).when(observe({ startTimeMs: 9n, tags: [] })).then([
      { type: 'cairn.tracking.v1.TraceDescribed', data: { ...facts, startTimeMs: 9n, metadata: [], tags: [], toldBy: 'spans' } }, endedBySpans,
    ]);
    given([startedBySpans, endedBySpans]).when(tell({ requestPreview: 'other' })).then([
      { type: 'cairn.tracking.v1.TraceDescribed', data: { ...facts, requestPreview: 'other', metadata: [], tags: [], toldBy: 'client' } }, ended,
    ]);
    given([started, ended]).when(observe({ requestPreview: 'other' }, { ...end, state: 'ERROR' })).thenNothing();
  });

  it('sums up anew what its spans used when more of them come, until its client says what that is', () => {
    const usage = (value: string) => [{ key: 'mlflow.trace.tokenUsage', value }];
    const set = (value: string): TraceEvent => ({ type: 'cairn.tracking.v1.TraceMetadataSet', data: { traceId: 'tr-1', metadata: usage(value) } });
    given([startedBySpans, endedBySpans]).when(observe({ metadata: usage('1') })).then([set('1')]);
    given([startedBySpans, endedBySpans, set('1')]).when(observe({ metadata: usage('2') })).then([set('2')]);
    given([startedBySpans, endedBySpans, set('1')]).when(observe({ metadata: [...usage('1'), { key: 'm', value: '2' }] })).thenNothing();
    given([startedBySpans, set('1'), ended]).when(observe({ metadata: usage('2') })).thenNothing();
    given([started, ended, set('1')]).when(observe({ metadata: usage('2') })).thenNothing();
  });

  it('ends by its spans when its client has only said that it began', () => {
    given([started]).when(observe()).then([endedBySpans]);
  });

  it('ends with what an older client says, counted from its start', () => {
    const command: TraceCommand = { type: 'EndTrace', data: { endTimeMs: 15n, state: 'OK', metadata: [], tags: [] }, meta };
    given([started]).when(command).then([{ ...ended, data: { ...ended.data, responsePreview: '' } }]);
    given([]).when(command).thenRefused('TRACE_NOT_FOUND');
  });

  it('keeps tags, as many as there may be', () => {
    given([started]).when({ type: 'SetTraceTags', data: { tags: [{ key: 't', value: '1' }] }, meta }).thenNothing();
    given([started]).when({ type: 'SetTraceTags', data: { tags: [{ key: 'u', value: '1' }] }, meta }).then([
      { type: 'cairn.tracking.v1.TraceTagsSet', data: { traceId: 'tr-1', tags: [{ key: 'u', value: '1' }] } },
    ]);
    given([started]).when({ type: 'RemoveTraceTag', data: { key: 'u' }, meta }).thenRefused('TAG_NOT_FOUND');
    const many = Array.from({ length: 1_000 }, (_, at) => ({ key: `k${at}`, value: '' }));
    given([started]).when({ type: 'SetTraceTags', data: { tags: many }, meta }).thenRefused('TOO_MANY_TRACE_TAGS');
  });

  it('keeps assessments, of which one may take the place of another', () => {
    given([started]).when({ type: 'LogAssessment', data: { assessment }, meta }).then([logged()]);
    given([started, logged()]).when({ type: 'LogAssessment', data: { assessment }, meta }).thenRefused('ASSESSMENT_EXISTS');
    given([started]).when({ type: 'LogAssessment', data: { assessment: { ...assessment, overrides: 'a-0' } }, meta }).thenRefused('ASSESSMENT_NOT_FOUND');
    given([started]).when({ type: 'LogAssessment', data: { assessment: { ...assessment, value: `"${'x'.repeat(50_000)}"` } }, meta }).thenRefused('ASSESSMENT_TOO_LARGE');
    given([started, logged()]).when({ type: 'ChangeAssessment', data: { assessmentId: 'a-1', value: '{"value":2}' }, meta }).then([
      { type: 'cairn.tracking.v1.AssessmentChanged', data: { traceId: 'tr-1', assessment: { ...assessment, value: '{"value":2}', lastUpdateTime: meta.now } } },
    ]);
    given([started, logged()]).when({ type: 'ChangeAssessment', data: { assessmentId: 'a-1', kind: 'expectation', value: '' }, meta }).thenRefused('INVALID_ASSESSMENT');
    given([started, logged(), logged({ assessmentId: 'a-2', overrides: 'a-1' })]).when({ type: 'RemoveAssessment', data: { assessmentId: 'a-2' }, meta }).then([
      { type: 'cairn.tracking.v1.AssessmentRemoved', data: { traceId: 'tr-1', assessmentId: 'a-2', restores: 'a-1' } },
    ]);
    given([started]).when({ type: 'RemoveAssessment', data: { assessmentId: 'a-2' }, meta }).thenNothing();
  });

  it('is linked once to a run and to a prompt version', () => {
    const linked: TraceEvent = { type: 'cairn.tracking.v1.TraceLinkedToRun', data: { traceId: 'tr-1', runId: 'r' } };
    given([started]).when({ type: 'LinkTraceToRun', data: { runId: 'r' }, meta }).then([linked]);
    given([started, linked]).when({ type: 'LinkTraceToRun', data: { runId: 'r' }, meta }).thenNothing();
    const prompts = [{ name: 'p', version: '1' }];
    const prompted: TraceEvent = { type: 'cairn.tracking.v1.TraceLinkedToPrompts', data: { traceId: 'tr-1', prompts } };
    given([started]).when({ type: 'LinkTraceToPrompts', data: { prompts }, meta }).then([prompted]);
    given([started, prompted]).when({ type: 'LinkTraceToPrompts', data: { prompts }, meta }).thenNothing();
  });

  it('takes nothing more once it is deleted', () => {
    given([started]).when({ type: 'DeleteTrace', data: {}, meta }).then([deleted]);
    given([started, deleted]).when({ type: 'DeleteTrace', data: {}, meta }).thenNothing();
    given([started, deleted]).when(tell()).thenRefused('TRACE_DELETED');
    given([started, deleted]).when(observe()).thenRefused('TRACE_DELETED');
    given([]).when({ type: 'DeleteTrace', data: {}, meta }).thenRefused('TRACE_NOT_FOUND');
  });
});
