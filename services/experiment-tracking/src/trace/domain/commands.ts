import type { Plain, tracking } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Tag = Plain<tracking.Tag>;
export type Assessment = Plain<tracking.Assessment>;
export type PromptVersionRef = Plain<tracking.PromptVersionRef>;

export interface TraceFacts {
  readonly traceId: string;
  readonly experimentId: string;
  readonly startTimeMs: bigint;
  readonly clientRequestId: string;
  readonly user: string;
  readonly requestPreview: string;
  readonly metadata: readonly Tag[];
  readonly tags: readonly Tag[];
}

export interface TraceEnd {
  /** `OK` | `ERROR` | `IN_PROGRESS` | `STATE_UNSPECIFIED`. */
  readonly state: string;
  readonly durationMs: bigint | undefined;
  readonly responsePreview: string;
}

/** What a client says of a trace: once it ended, or (older clients, without `end`) when it starts. */
export type TellTrace = Command<'TellTrace', { readonly facts: TraceFacts; readonly end: TraceEnd | undefined; readonly assessments: readonly Assessment[] }>;
/** What the spans that are there say. A client's own account counts more. */
export type ObserveSpans = Command<'ObserveSpans', { readonly facts: TraceFacts; readonly end: TraceEnd | undefined }>;
export type EndTrace = Command<
  'EndTrace',
  { readonly endTimeMs: bigint; readonly state: string; readonly metadata: readonly Tag[]; readonly tags: readonly Tag[] }
>;
export type SetTraceTags = Command<'SetTraceTags', { readonly tags: readonly Tag[] }>;
export type RemoveTraceTag = Command<'RemoveTraceTag', { readonly key: string }>;
export type LogAssessment = Command<'LogAssessment', { readonly assessment: Assessment }>;
/** Absent fields stay as they are; metadata is added to what is there. */
export type ChangeAssessment = Command<
  'ChangeAssessment',
  {
    readonly assessmentId: string;
    readonly name?: string;
    readonly kind?: string;
    readonly value?: string;
    readonly rationale?: string;
    readonly metadata?: readonly Tag[];
  }
>;
export type RemoveAssessment = Command<'RemoveAssessment', { readonly assessmentId: string }>;
export type LinkTraceToRun = Command<'LinkTraceToRun', { readonly runId: string }>;
export type LinkTraceToPrompts = Command<'LinkTraceToPrompts', { readonly prompts: readonly PromptVersionRef[] }>;
export type LogTraceArtifact = Command<'LogTraceArtifact', { readonly path: string; readonly digest: string; readonly sizeBytes: bigint }>;
export type DeleteTrace = Command<'DeleteTrace', Record<never, never>>;

export type TraceCommand =
  | TellTrace
  | ObserveSpans
  | EndTrace
  | SetTraceTags
  | RemoveTraceTag
  | LogAssessment
  | ChangeAssessment
  | RemoveAssessment
  | LinkTraceToRun
  | LinkTraceToPrompts
  | LogTraceArtifact
  | DeleteTrace;
