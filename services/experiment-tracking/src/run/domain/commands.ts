import type { Plain, tracking } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Tag = Plain<tracking.Tag>;
export type Param = Plain<tracking.Param>;
export type Criterion = Plain<tracking.Criterion>;
export type NamedBaseline = Plain<tracking.NamedBaseline>;
export type DatasetInput = Plain<tracking.DatasetInput>;

export type ModelOutput = Plain<tracking.ModelOutput>;

/** What a point says of a logged model. */
export interface Measured {
  readonly modelId: string;
  /** Empty when no dataset was named. */
  readonly datasetName: string;
  readonly datasetDigest: string;
}

export interface MetricPoint {
  readonly key: string;
  /** May be NaN or infinite: what a diverged training reports. */
  readonly value: number;
  readonly timestampMs: bigint;
  readonly step: bigint;
  readonly measured?: Measured;
}

export type StartRun = Command<
  'StartRun',
  {
    readonly runId: string;
    readonly experimentId: string;
    readonly name: string;
    readonly startTimeMs: bigint;
    readonly user: string;
    readonly tags: readonly Tag[];
    /** Of the experiment, in force now; 0 and none when nothing is declared. */
    readonly criteriaVersion: number;
    readonly criteria: readonly Criterion[];
  }
>;
/** All of it or nothing of it. */
export type LogBatch = Command<
  'LogBatch',
  { readonly params: readonly Param[]; readonly metrics: readonly MetricPoint[]; readonly tags: readonly Tag[] }
>;
export type LogInputs = Command<'LogInputs', { readonly datasets: readonly DatasetInput[] }>;
export type LogArtifact = Command<'LogArtifact', { readonly path: string; readonly digest: string; readonly sizeBytes: bigint }>;
/** The path and everything below it; an empty path is all of them. */
export type RemoveArtifact = Command<'RemoveArtifact', { readonly path: string }>;
export type LogModelInputs = Command<'LogModelInputs', { readonly modelIds: readonly string[] }>;
export type LogModelOutputs = Command<'LogModelOutputs', { readonly models: readonly ModelOutput[] }>;
/** Adds an object, as JSON, to the list in the tag where clients of MLflow 2 look for the models of a run. */
export type RecordModel = Command<'RecordModel', { readonly entry: string }>;
export type FinishRun = Command<'FinishRun', { readonly status: string; readonly endTimeMs: bigint }>;
export type ResumeRun = Command<'ResumeRun', Record<never, never>>;

export type RemoveRunTag = Command<'RemoveRunTag', { readonly key: string }>;
export type DeleteRun = Command<'DeleteRun', Record<never, never>>;
export type RestoreRun = Command<'RestoreRun', Record<never, never>>;

export type RunCommand =
  | StartRun
  | LogBatch
  | LogInputs
  | LogModelInputs
  | LogModelOutputs
  | RecordModel
  | LogArtifact
  | RemoveArtifact
  | FinishRun
  | ResumeRun
  | RemoveRunTag
  | DeleteRun
  | RestoreRun;
