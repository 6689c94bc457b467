import type { Plain, tracking } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Tag = Plain<tracking.Tag>;
export type Criterion = Plain<tracking.Criterion>;
export type NamedBaseline = Plain<tracking.NamedBaseline>;

export type CreateExperiment = Command<
  'CreateExperiment',
  {
    readonly experimentId: string;
    readonly name: string;
    readonly tags: readonly Tag[];
    /** What its tags declare. */
    readonly criteria?: readonly Criterion[] | undefined;
  }
>;
export type DeclareCriteria = Command<'DeclareCriteria', { readonly criteria: readonly Criterion[] }>;
/** Comes with the start of a run, in the same append. */
export type LockCriteria = Command<'LockCriteria', { readonly runId: string }>;

/** Comes with the claim of the new name and the release of the old one, in the same append. */
export type RenameExperiment = Command<'RenameExperiment', { readonly name: string }>;
export type DeleteExperiment = Command<'DeleteExperiment', Record<never, never>>;
export type RestoreExperiment = Command<'RestoreExperiment', Record<never, never>>;
export type SetExperimentTags = Command<'SetExperimentTags', { readonly tags: readonly Tag[]; /** What the tags declare. */ readonly criteria?: readonly Criterion[] | undefined }>;
export type RemoveExperimentTag = Command<'RemoveExperimentTag', { readonly key: string }>;

export type ExperimentCommand =
  | CreateExperiment
  | DeclareCriteria
  | LockCriteria
  | RenameExperiment
  | DeleteExperiment
  | RestoreExperiment
  | SetExperimentTags
  | RemoveExperimentTag;
