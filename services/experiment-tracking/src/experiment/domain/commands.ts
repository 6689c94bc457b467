import type { Plain, tracking } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Tag = Plain<tracking.Tag>;
export type Criterion = Plain<tracking.Criterion>;

export type CreateExperiment = Command<'CreateExperiment', { readonly experimentId: string; readonly name: string; readonly tags: readonly Tag[] }>;
export type DeclareCriteria = Command<'DeclareCriteria', { readonly criteria: readonly Criterion[] }>;
/** Comes with the start of a run, in the same append. */
export type LockCriteria = Command<'LockCriteria', { readonly runId: string }>;

export type ExperimentCommand = CreateExperiment | DeclareCriteria | LockCriteria;
