import type { Plain, registry } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';
import type { ActiveStage } from '../../registered-model/domain/stage.js';
import type { Evidence } from './evidence.js';

export type NewVersion = Plain<registry.ModelVersionCreated>;

/** What the gates of an alias or a stage are asked with. */
export interface Demand {
  /** Or a stage, as `stage:Production`. */
  readonly alias: string;
  readonly gates: readonly string[];
  readonly budget?: Plain<registry.Budget>;
  readonly evidence: Evidence;
}

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
export type EvaluateGates = Command<'EvaluateGates', Demand>;
export type PromoteVersion = Command<
  'PromoteVersion',
  Demand & {
    /** The version carries the alias already. */
    readonly carriesAlias: boolean;
  }
>;
export type StageVersion = Command<
  'StageVersion',
  Demand & {
    readonly stage: ActiveStage;
    /** Nothing would change: the version is in the stage, alone where that is asked for. */
    readonly isThere: boolean;
  }
>;
export type MeasureVersion = Command<
  'MeasureVersion',
  { readonly p50LatencyMs: number; readonly p99LatencyMs: number; readonly requests: bigint; readonly conditions: string }
>;

export type DescribeVersion = Command<'DescribeVersion', { readonly description: string }>;
export type SetVersionTags = Command<'SetVersionTags', { readonly tags: readonly Plain<registry.Tag>[] }>;
export type RemoveVersionTag = Command<'RemoveVersionTag', { readonly key: string }>;

export type ModelVersionCommand =
  | CreateVersion
  | ApproveVersion
  | EvaluateGates
  | PromoteVersion
  | StageVersion
  | MeasureVersion
  | DescribeVersion
  | SetVersionTags
  | RemoveVersionTag;
