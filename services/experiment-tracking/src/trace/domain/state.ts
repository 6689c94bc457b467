import type { EventOf, tracking } from '@cairn/contracts';
import type { Assessment, Tag, TraceEnd } from './commands.js';

export type TraceEvent = EventOf<
  | tracking.TraceStarted
  | tracking.TraceDescribed
  | tracking.TraceEnded
  | tracking.TraceMetadataSet
  | tracking.TraceTagsSet
  | tracking.TraceTagRemoved
  | tracking.AssessmentLogged
  | tracking.AssessmentChanged
  | tracking.AssessmentRemoved
  | tracking.TraceLinkedToRun
  | tracking.TraceLinkedToPrompts
  | tracking.TraceArtifactLogged
  | tracking.TraceDeleted
>;

export interface KnownTrace {
  readonly traceId: string;
  readonly experimentId: string;
  readonly startTimeMs: bigint;
  readonly clientRequestId: string;
  readonly user: string;
  readonly requestPreview: string;
  /** Whether a client has told of it; until then only its spans have. */
  readonly toldByClient: boolean;
  readonly end: (TraceEnd & { readonly toldByClient: boolean }) | undefined;
  readonly metadata: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly assessments: ReadonlyMap<string, Assessment>;
  readonly runIds: ReadonlySet<string>;
  /** `<name>/<version>`. */
  readonly prompts: ReadonlySet<string>;
  readonly artifacts: ReadonlyMap<string, string>;
}

export type TraceState = { readonly status: 'none' } | ({ readonly status: 'kept' } & KnownTrace) | { readonly status: 'deleted' };

export function evolve(state: TraceState, event: TraceEvent): TraceState {
  if (event.type === 'cairn.tracking.v1.TraceStarted') return started(event.data);
  if (event.type === 'cairn.tracking.v1.TraceDeleted') return { status: 'deleted' };
  if (state.status !== 'kept') return state;
  switch (event.type) {
    case 'cairn.tracking.v1.TraceDescribed': {
      const { metadata, tags, toldBy, ...facts } = event.data;
      return { ...state, ...facts, toldByClient: toldBy === 'client', metadata: withTags(state.metadata, metadata), tags: withTags(state.tags, tags) };
    }
    case 'cairn.tracking.v1.TraceEnded': {
      const { state: ending, durationMs, responsePreview, toldBy } = event.data;
      return { ...state, end: { state: ending, durationMs, responsePreview, toldByClient: toldBy === 'client' } };
    }
    case 'cairn.tracking.v1.TraceMetadataSet':
      return { ...state, metadata: withTags(state.metadata, event.data.metadata) };
    case 'cairn.tracking.v1.TraceTagsSet':
      return { ...state, tags: withTags(state.tags, event.data.tags) };
    case 'cairn.tracking.v1.TraceTagRemoved':
      return { ...state, tags: new Map([...state.tags].filter(([key]) => key !== event.data.key)) };
    case 'cairn.tracking.v1.AssessmentLogged':
    case 'cairn.tracking.v1.AssessmentChanged':
      return { ...state, assessments: withAssessment(state.assessments, event.data.assessment, event.type === 'cairn.tracking.v1.AssessmentLogged') };
    case 'cairn.tracking.v1.AssessmentRemoved': {
      const assessments = new Map([...state.assessments].filter(([id]) => id !== event.data.assessmentId));
      const restored = assessments.get(event.data.restores);
      if (restored !== undefined) assessments.set(event.data.restores, { ...restored, valid: true });
      return { ...state, assessments };
    }
    case 'cairn.tracking.v1.TraceLinkedToRun':
      return { ...state, runIds: new Set([...state.runIds, event.data.runId]) };
    case 'cairn.tracking.v1.TraceLinkedToPrompts':
      return { ...state, prompts: new Set([...state.prompts, ...event.data.prompts.map(({ name, version }) => `${name}/${version}`)]) };
    case 'cairn.tracking.v1.TraceArtifactLogged':
      return { ...state, artifacts: new Map([...state.artifacts, [event.data.path, event.data.digest]]) };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

function started({ metadata, tags, toldBy, ...facts }: Extract<TraceEvent, { type: 'cairn.tracking.v1.TraceStarted' }>['data']): TraceState {
  return {
    status: 'kept',
    ...facts,
    toldByClient: toldBy === 'client',
    end: undefined,
    metadata: withTags(new Map(), metadata),
    tags: withTags(new Map(), tags),
    assessments: new Map(),
    runIds: new Set(),
    prompts: new Set(),
    artifacts: new Map(),
  };
}

function withTags(before: ReadonlyMap<string, string>, tags: readonly Tag[]): ReadonlyMap<string, string> {
  return tags.length === 0 ? before : new Map([...before, ...tags.map(({ key, value }) => [key, value] as const)]);
}

/** What a new one overrides is not valid any more; a change overrides nothing anew. */
function withAssessment(before: ReadonlyMap<string, Assessment>, assessment: Assessment | undefined, isNew: boolean): ReadonlyMap<string, Assessment> {
  if (assessment === undefined) return before;
  const assessments = new Map(before);
  const overridden = isNew ? before.get(assessment.overrides) : undefined;
  if (overridden !== undefined) assessments.set(overridden.assessmentId, { ...overridden, valid: false });
  return assessments.set(assessment.assessmentId, assessment);
}
