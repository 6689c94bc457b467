import type { Plain, tracking } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Tag = Plain<tracking.Tag>;
export type Param = Plain<tracking.LoggedModelParam>;

export type CreateLoggedModel = Command<
  'CreateLoggedModel',
  {
    readonly modelId: string;
    readonly experimentId: string;
    readonly name: string;
    readonly modelType: string;
    /** Empty when no run made it. */
    readonly sourceRunId: string;
    readonly tags: readonly Tag[];
    readonly params: readonly Param[];
  }
>;
export type LogModelParams = Command<'LogModelParams', { readonly params: readonly Param[] }>;
/** `ready` | `failed`. */
export type FinalizeLoggedModel = Command<'FinalizeLoggedModel', { readonly status: string }>;
export type SetModelTags = Command<'SetModelTags', { readonly tags: readonly Tag[] }>;
export type RemoveModelTag = Command<'RemoveModelTag', { readonly key: string }>;
export type DeleteLoggedModel = Command<'DeleteLoggedModel', Record<never, never>>;
export type LogModelArtifact = Command<'LogModelArtifact', { readonly path: string; readonly digest: string; readonly sizeBytes: bigint }>;
/** The path and everything below it; an empty path is all of them. */
export type RemoveModelArtifact = Command<'RemoveModelArtifact', { readonly path: string }>;

export type LoggedModelCommand =
  | CreateLoggedModel
  | LogModelParams
  | FinalizeLoggedModel
  | SetModelTags
  | RemoveModelTag
  | DeleteLoggedModel
  | LogModelArtifact
  | RemoveModelArtifact;
