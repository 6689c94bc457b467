import type { Plain, registry } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Tag = Plain<registry.Tag>;

export type RegisterModel = Command<
  'RegisterModel',
  { readonly modelId: string; readonly name: string; readonly description: string; readonly tags: readonly Tag[] }
>;
export type DeclareGates = Command<'DeclareGates', { readonly alias: string; readonly gates: readonly string[] }>;
/** Comes with the version's own first event, in the same append. */
export type AddVersion = Command<'AddVersion', { readonly versionId: string }>;
/** Comes with the version's promotion, in the same append: the gates were judged there. */
export type MoveAlias = Command<'MoveAlias', { readonly alias: string; readonly versionId: string }>;
export type RemoveAlias = Command<'RemoveAlias', { readonly alias: string }>;

export type DescribeModel = Command<'DescribeModel', { readonly description: string }>;
export type SetModelTags = Command<'SetModelTags', { readonly tags: readonly Tag[] }>;
export type RemoveModelTag = Command<'RemoveModelTag', { readonly key: string }>;

export type RegisteredModelCommand =
  | RegisterModel
  | DeclareGates
  | AddVersion
  | MoveAlias
  | RemoveAlias
  | DescribeModel
  | SetModelTags
  | RemoveModelTag;
