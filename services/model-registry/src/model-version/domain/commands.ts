import type { Plain, registry } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';
import type { Evidence } from './evidence.js';

export type NewVersion = Plain<registry.ModelVersionCreated>;

export type CreateVersion = Command<'CreateVersion', NewVersion>;
export type ApproveVersion = Command<
  'ApproveVersion',
  {
    readonly alias: string;
    readonly comment: string;
    /** Who made the version, from the log. */
    readonly authors: readonly string[];
    /** Who approved it for the alias before. */
    readonly approvers: readonly string[];
  }
>;
export type EvaluateGates = Command<'EvaluateGates', { readonly alias: string; readonly gates: readonly string[]; readonly evidence: Evidence }>;
export type PromoteVersion = Command<
  'PromoteVersion',
  {
    readonly alias: string;
    /** That the alias needs. */
    readonly gates: readonly string[];
    readonly evidence: Evidence;
    /** The version carries the alias already. */
    readonly carriesAlias: boolean;
  }
>;

export type DescribeVersion = Command<'DescribeVersion', { readonly description: string }>;
export type SetVersionTags = Command<'SetVersionTags', { readonly tags: readonly Plain<registry.Tag>[] }>;
export type RemoveVersionTag = Command<'RemoveVersionTag', { readonly key: string }>;

export type ModelVersionCommand =
  | CreateVersion
  | ApproveVersion
  | EvaluateGates
  | PromoteVersion
  | DescribeVersion
  | SetVersionTags
  | RemoveVersionTag;
