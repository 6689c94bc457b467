import { Fields, invalidParameter } from '@cairn/mlflow';
import type { TellTrace, TraceEnd, TraceFacts } from '../domain/commands.js';
import type { TraceWithFacts } from '../views/trace-list/trace-list.query.js';
import { convertAssessment, convertAssessmentRow } from './convert-assessment.js';
import { cut, durationOf, durationText, isRecord, missing, objectIn, tagsOfList, tagsOfMap, timeOf, type Source } from './trace-fields.js';
import { validTraceId } from './trace-id.js';

const MAX_PREVIEW_LENGTH = 10_000;
const MAX_CLIENT_REQUEST_ID_LENGTH = 500;
const USER_KEYS: readonly string[] = ['mlflow.trace.user', 'mlflow.user'];
/** Tags that follow from where a trace is kept: nobody sets them. */
const SPANS_LOCATION = 'mlflow.trace.spansLocation';
const ARTIFACT_LOCATION = 'mlflow.artifactLocation';
export const IMMUTABLE_TAGS: readonly string[] = [SPANS_LOCATION, ARTIFACT_LOCATION];

/** `{"trace": {"trace_info": …}}` of version 3. The experiment is as the client writes it. */
export function convertTrace(body: unknown, now: string): { readonly wireExperimentId: string; readonly told: TellTrace['data'] } {
  if (!isRecord(body) || !isRecord(body['trace'])) throw missing('trace');
  const info = objectIn(body['trace'], 'trace_info');
  const fields = new Fields(info);
  const traceId = validTraceId(fields.text('trace_id'));
  const metadata = tagsOfMap(objectIn(info, 'trace_metadata'));
  const duration = fields.optionalText('execution_duration');
  const facts: TraceFacts = {
    traceId,
    experimentId: '',
    startTimeMs: BigInt(timeOf(fields.optionalText('request_time') ?? now, 'request_time')),
    clientRequestId: cut(fields.optionalText('client_request_id') ?? '', MAX_CLIENT_REQUEST_ID_LENGTH),
    user: userOf(metadata),
    requestPreview: cut(fields.optionalText('request_preview') ?? '', MAX_PREVIEW_LENGTH),
    metadata,
    tags: tagsOfMap(objectIn(info, 'tags')).filter(({ key }) => !IMMUTABLE_TAGS.includes(key)),
  };
  const end: TraceEnd = {
    state: fields.optionalText('state') ?? 'STATE_UNSPECIFIED',
    durationMs: duration === undefined ? undefined : durationOf(duration, 'execution_duration'),
    responsePreview: cut(fields.optionalText('response_preview') ?? '', MAX_PREVIEW_LENGTH),
  };
  const assessments = assessmentsIn(info).map((source, index) => convertAssessment(source, { traceId, now, seed: String(index) }));
  const location = new Fields(objectIn(objectIn(info, 'trace_location'), 'mlflow_experiment'));
  return { wireExperimentId: location.text('experiment_id'), told: { facts, end, assessments } };
}

/** Of version 2: a trace that begins. */
export function convertLegacyStart(fields: Fields, traceId: string): TraceFacts {
  const metadata = tagsOfList(fields.list('request_metadata'));
  return {
    traceId,
    experimentId: '',
    startTimeMs: BigInt(fields.integer('timestamp_ms')),
    clientRequestId: '',
    user: userOf(metadata),
    requestPreview: '',
    metadata,
    tags: tagsOfList(fields.list('tags')).filter(({ key }) => !IMMUTABLE_TAGS.includes(key)),
  };
}

export function artifactLocation({ experimentId, traceId }: TraceWithFacts['trace']): string {
  return `mlflow-artifacts:/${experimentId}/traces/${traceId}/artifacts`;
}

export function convertTraceInfo({ trace, assessments, hasSpans }: TraceWithFacts) {
  return {
    trace_id: trace.traceId,
    ...(trace.clientRequestId !== '' && { client_request_id: trace.clientRequestId }),
    trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: trace.experimentId } },
    request_time: timeText(trace.startTimeMs),
    ...(trace.durationMs !== null && { execution_duration: durationText(trace.durationMs) }),
    state: trace.state,
    trace_metadata: trace.metadata,
    tags: tagsOf({ trace, hasSpans }),
    ...(trace.requestPreview !== '' && { request_preview: trace.requestPreview }),
    ...(trace.responsePreview !== '' && { response_preview: trace.responsePreview }),
    ...(assessments.length > 0 && { assessments: assessments.map(convertAssessmentRow) }),
  };
}

/** As version 2 shows a trace. */
export function convertLegacyInfo({ trace, hasSpans }: TraceWithFacts) {
  const list = (pairs: Readonly<Record<string, string>>) => Object.entries(pairs).map(([key, value]) => ({ key, value }));
  const [metadata, tags] = [list(trace.metadata), list(tagsOf({ trace, hasSpans }))];
  return {
    request_id: trace.traceId,
    experiment_id: trace.experimentId,
    timestamp_ms: Number(trace.startTimeMs),
    execution_time_ms: Number(trace.durationMs ?? 0),
    status: trace.state === 'STATE_UNSPECIFIED' ? 'TRACE_STATUS_UNSPECIFIED' : trace.state,
    ...(metadata.length > 0 && { request_metadata: metadata }),
    tags,
  };
}

function tagsOf({ trace, hasSpans }: Pick<TraceWithFacts, 'trace' | 'hasSpans'>): Readonly<Record<string, string>> {
  return { ...trace.tags, [ARTIFACT_LOCATION]: artifactLocation(trace), ...(hasSpans && { [SPANS_LOCATION]: 'TRACKING_STORE' }) };
}

/** Beyond what RFC 3339 and protobuf's Timestamp can write, the years 1 to 9999, the nearest is shown. */
function timeText(timeMs: string): string {
  return new Date(Math.max(-62_135_596_800_000, Math.min(Number(timeMs), 253_402_300_799_999))).toISOString();
}

function userOf(metadata: TraceFacts['metadata']): string {
  for (const name of USER_KEYS) {
    const user = metadata.find(({ key }) => key === name)?.value ?? '';
    if (user !== '') return cut(user, 250);
  }
  return '';
}

function assessmentsIn(info: Source): readonly Source[] {
  const list = info['assessments'] ?? [];
  if (!Array.isArray(list) || !list.every(isRecord)) throw invalidParameter("Invalid value for parameter 'assessments' supplied: it must be a list of assessments.");
  return list;
}
