import type { Refusal } from '@cairn/kernel';
import type { Assessment, ChangeAssessment, LogAssessment, RemoveAssessment, Tag } from './commands.js';
import { refuse, type Code } from './errors.js';
import { fitsOneEvent } from './portions.js';
import type { KnownTrace, TraceEvent, TraceState } from './state.js';

type Decision = readonly TraceEvent[] | Refusal<Code>;

/** Each of them is part of every answer about the trace. */
const MAX_ASSESSMENTS = 500;

export function logAssessment({ data: { assessment } }: LogAssessment, state: TraceState): Decision {
  if (state.status !== 'kept') return refuse('TRACE_NOT_FOUND', 'No trace has this id.');
  const { assessmentId, overrides } = assessment;
  if (state.assessments.has(assessmentId)) return refuse('ASSESSMENT_EXISTS', `The trace has an assessment with the id ${assessmentId} already.`);
  if (state.assessments.size >= MAX_ASSESSMENTS) return refuse('TOO_MANY_ASSESSMENTS', `A trace has at most ${MAX_ASSESSMENTS} assessments: remove some first.`);
  if (overrides !== '' && !state.assessments.has(overrides)) return notFound(overrides, state);
  return tooLarge(assessment) ?? [{ type: 'cairn.tracking.v1.AssessmentLogged', data: { traceId: state.traceId, assessment } }];
}

export function changeAssessment({ data, meta }: ChangeAssessment, state: KnownTrace): Decision {
  const before = state.assessments.get(data.assessmentId);
  if (before === undefined) return notFound(data.assessmentId, state);
  if (data.kind !== undefined && data.kind !== before.kind) {
    return refuse('INVALID_ASSESSMENT', `Cannot update ${data.kind} value on an assessment that is of the kind ${before.kind}.`);
  }
  const { assessmentId, kind, sourceType, sourceId, createTime, spanId, overrides, valid } = before;
  // Field by field: what was read from the log is a message, and no part of another one.
  const assessment: Assessment = {
    assessmentId, kind, sourceType, sourceId, createTime, spanId, overrides, valid,
    name: data.name ?? before.name,
    value: data.value ?? before.value,
    rationale: data.rationale ?? before.rationale,
    metadata: merged(before.metadata, data.metadata ?? []),
    lastUpdateTime: meta.now,
  };
  return tooLarge(assessment) ?? [{ type: 'cairn.tracking.v1.AssessmentChanged', data: { traceId: state.traceId, assessment } }];
}

/** Removing what is not there is done already. */
export function removeAssessment({ data: { assessmentId } }: RemoveAssessment, state: KnownTrace): Decision {
  const before = state.assessments.get(assessmentId);
  if (before === undefined) return [];
  const restores = state.assessments.has(before.overrides) ? before.overrides : '';
  return [{ type: 'cairn.tracking.v1.AssessmentRemoved', data: { traceId: state.traceId, assessmentId, restores } }];
}

function notFound(assessmentId: string, { traceId }: KnownTrace): Refusal<Code> {
  return refuse('ASSESSMENT_NOT_FOUND', `Assessment with ID '${assessmentId}' not found for trace '${traceId}'`);
}

function tooLarge(assessment: Assessment): Refusal<Code> | undefined {
  if (fitsOneEvent(assessment)) return undefined;
  return refuse('ASSESSMENT_TOO_LARGE', `The assessment '${assessment.name}' is too large: value, rationale and metadata together have about 40,000 bytes.`);
}

function merged(before: readonly Tag[], added: readonly Tag[]): Tag[] {
  return [...new Map([...before, ...added].map(({ key, value }) => [key, { key, value }])).values()];
}
