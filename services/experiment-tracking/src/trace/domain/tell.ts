import type { Refusal } from '@cairn/kernel';
import type { EndTrace, ObserveSpans, Tag, TellTrace, TraceEnd, TraceFacts } from './commands.js';
import { refuse, type Code } from './errors.js';
import { logAssessment } from './assess.js';
import { fitBeside, portions } from './portions.js';
import { isSum } from './sums.js';
import { evolve, type KnownTrace, type TraceEvent, type TraceState } from './state.js';

type Decision = readonly TraceEvent[] | Refusal<Code>;
type Teller = 'client' | 'spans';

const STATES: readonly string[] = ['OK', 'ERROR', 'IN_PROGRESS', 'STATE_UNSPECIFIED'];
const MAX_PAIRS = 500;

/** A client tells the same again when it repeats a request: then nothing happens. */
export function tell({ data: { facts, end, assessments }, meta }: TellTrace, state: TraceState): Decision {
  const wrong = wrongWith(facts, end);
  if (wrong !== undefined) return wrong;
  const told = state.status === 'kept' ? described(facts, state, 'client') : started(facts, 'client');
  let events = end === undefined ? told : [...told, ...ended(facts, end, state, 'client')];
  // A client may know assessments already; they follow as if they were logged one by one.
  for (const assessment of assessments) {
    if (state.status === 'kept' && state.assessments.has(assessment.assessmentId)) continue;
    const logged = logAssessment({ type: 'LogAssessment', data: { assessment }, meta }, events.reduce(evolve, state));
    if ('refused' in logged) return logged;
    events = [...events, ...logged];
  }
  return events;
}

export function observe({ data: { facts, end } }: ObserveSpans, state: TraceState): Decision {
  if (state.status === 'deleted') return refuse('TRACE_DELETED', `The trace ${facts.traceId} was deleted.`);
  if (state.status === 'none') return [...started(facts, 'spans'), ...(end === undefined ? [] : ended(facts, end, state, 'spans'))];
  // What a client said of the end counts more than what the spans say, unless it said that there is no end yet.
  const mayEnd = end !== undefined && (state.end === undefined || !state.end.toldByClient || state.end.state === 'IN_PROGRESS');
  return [...(state.toldByClient ? [] : described(merged(facts, state), state, 'spans')), ...(mayEnd ? ended(facts, end, state, 'spans') : [])];
}

/** Spans come in any order: the earliest start counts, and what only the root knows stays when it was known. */
function merged(facts: TraceFacts, state: KnownTrace): TraceFacts {
  return {
    ...facts,
    experimentId: state.experimentId,
    startTimeMs: facts.startTimeMs < state.startTimeMs ? facts.startTimeMs : state.startTimeMs,
    user: facts.user === '' ? state.user : facts.user,
    requestPreview: facts.requestPreview === '' ? state.requestPreview : facts.requestPreview,
    // A tag that somebody set since is not taken back.
    tags: facts.tags.filter(({ key }) => !state.tags.has(key)),
    // What a client has summed up itself when it ended the trace counts more.
    metadata: facts.metadata.filter(({ key }) => !state.metadata.has(key) || (isSum(key) && state.end?.toldByClient !== true)),
  };
}

export function endTrace({ data }: EndTrace, state: KnownTrace): Decision {
  const { traceId, startTimeMs, end, user } = state;
  const facts = { traceId, user, metadata: data.metadata, tags: data.tags };
  const durationMs = data.endTimeMs > startTimeMs ? data.endTimeMs - startTimeMs : 0n;
  const ending = { state: data.state, durationMs, responsePreview: end?.responsePreview ?? '' };
  const wrong = wrongWith(facts, ending);
  if (wrong !== undefined) return wrong;
  return [...pairs(traceId, newPairs(data, state)), ...ended(facts, ending, { status: 'kept', ...state }, 'client')];
}

function wrongWith({ metadata, tags }: Pick<TraceFacts, 'metadata' | 'tags'>, end: TraceEnd | undefined): Refusal<Code> | undefined {
  if (metadata.length > MAX_PAIRS || tags.length > MAX_PAIRS) return refuse('TOO_MANY_TRACE_TAGS', `A trace has at most ${MAX_PAIRS} tags and as many metadata at once.`);
  if (end !== undefined && !STATES.includes(end.state)) return refuse('INVALID_TRACE_STATE', `The state of a trace is one of ${STATES.join(', ')}, not ${end.state}.`);
  return undefined;
}

function started(facts: TraceFacts, toldBy: Teller): TraceEvent[] {
  const inline = fitBeside(facts.metadata, facts.tags);
  const { traceId, metadata, tags } = facts;
  const data = inline ? facts : { ...facts, metadata: [], tags: [] };
  return [{ type: 'cairn.tracking.v1.TraceStarted', data: { ...data, toldBy } }, ...(inline ? [] : pairs(traceId, { metadata, tags }))];
}

function described(facts: TraceFacts, state: KnownTrace, toldBy: Teller): TraceEvent[] {
  const { metadata, tags, ...told } = facts;
  const news = newPairs({ metadata, tags }, state);
  const same =
    state.toldByClient === (toldBy === 'client') &&
    told.experimentId === state.experimentId &&
    told.startTimeMs === state.startTimeMs &&
    told.clientRequestId === state.clientRequestId &&
    told.user === state.user &&
    told.requestPreview === state.requestPreview;
  if (same) return pairs(facts.traceId, news);
  const inline = fitBeside(news.metadata, news.tags);
  const data = inline ? { ...told, ...news, toldBy } : { ...told, metadata: [], tags: [], toldBy };
  return [{ type: 'cairn.tracking.v1.TraceDescribed', data }, ...(inline ? [] : pairs(facts.traceId, news))];
}

function newPairs({ metadata, tags }: Pick<TraceFacts, 'metadata' | 'tags'>, state: KnownTrace): Pick<TraceFacts, 'metadata' | 'tags'> {
  const news = (some: readonly Tag[], known: ReadonlyMap<string, string>): Tag[] => some.filter(({ key, value }) => known.get(key) !== value);
  return { metadata: news(metadata, state.metadata), tags: news(tags, state.tags) };
}

function pairs(traceId: string, { metadata, tags }: Pick<TraceFacts, 'metadata' | 'tags'>): TraceEvent[] {
  return [
    ...portions(metadata).map((some): TraceEvent => ({ type: 'cairn.tracking.v1.TraceMetadataSet', data: { traceId, metadata: some } })),
    ...portions(tags).map((some): TraceEvent => ({ type: 'cairn.tracking.v1.TraceTagsSet', data: { traceId, tags: some } })),
  ];
}

function ended({ traceId, user }: Pick<TraceFacts, 'traceId' | 'user'>, end: TraceEnd, state: TraceState, toldBy: Teller): TraceEvent[] {
  const before = state.status === 'kept' ? state.end : undefined;
  const same =
    before !== undefined &&
    before.state === end.state &&
    before.durationMs === end.durationMs &&
    before.responsePreview === end.responsePreview &&
    before.toldByClient === (toldBy === 'client');
  return same ? [] : [{ type: 'cairn.tracking.v1.TraceEnded', data: { traceId, user, ...end, toldBy } }];
}
