import type { Plain, registry } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';
import type { Stage } from './stage.js';

export type Tag = Plain<registry.Tag>;
export type Budget = Plain<registry.Budget>;
export type GatePolicy = Plain<registry.GatePolicy>;

export type RegisterModel = Command<
  'RegisterModel',
  {
    readonly modelId: string;
    readonly name: string;
    readonly description: string;
    readonly tags: readonly Tag[];
    /** What the name demanded of whoever had it before. */
    readonly inherited?: readonly GatePolicy[];
  }
>;
/** `alias` may also be a stage, as `stage:Production`. */
export type DeclareGates = Command<'DeclareGates', { readonly alias: string; readonly gates: readonly string[]; readonly budget?: Budget }>;
/** Comes with the version's own first event, in the same append. */
export type AddVersion = Command<'AddVersion', { readonly versionId: string }>;
/** Comes with the version's promotion, in the same append: the gates were judged there. */
export type MoveAlias = Command<'MoveAlias', { readonly alias: string; readonly versionId: string }>;
export type RemoveAlias = Command<'RemoveAlias', { readonly alias: string }>;
/** Comes with the record that the gates of the stage were judged, in the same append. */
export type MoveToStage = Command<'MoveToStage', { readonly versionId: string; readonly stage: Stage; readonly archiveOthers: boolean }>;
export type DeleteVersion = Command<'DeleteVersion', { readonly versionId: string }>;
export type RestoreVersion = Command<'RestoreVersion', { readonly versionId: string }>;
/** These three come with claims and releases of names, in the same append. */
export type RenameModel = Command<'RenameModel', { readonly name: string; readonly inherited: readonly GatePolicy[] }>;
export type DeleteModel = Command<'DeleteModel', Readonly<Record<never, never>>>;
export type RestoreModel = Command<'RestoreModel', { readonly inherited: readonly GatePolicy[] }>;

export type DescribeModel = Command<'DescribeModel', { readonly description: string }>;
export type SetModelTags = Command<'SetModelTags', { readonly tags: readonly Tag[] }>;
export type RemoveModelTag = Command<'RemoveModelTag', { readonly key: string }>;

export type RegisteredModelCommand =
  | RegisterModel
  | DeclareGates
  | AddVersion
  | MoveAlias
  | RemoveAlias
  | MoveToStage
  | DeleteVersion
  | RestoreVersion
  | RenameModel
  | DeleteModel
  | RestoreModel
  | DescribeModel
  | SetModelTags
  | RemoveModelTag;
