import type { Command } from '@cairn/kernel';
import type { Batching } from './batching.js';
import type { FeatureLookUp } from './feature-look-up.js';
import type { Logging } from './logging.js';
import type { StageStatistics } from './judgement.js';
import type { Stage } from './state.js';

export type CreateDeployment = Command<
  'CreateDeployment',
  {
    readonly deploymentId: string;
    readonly name: string;
    readonly modelName: string;
    readonly fallbackValue: number;
    readonly replicas: number;
  }
>;

export type ConfigureBatching = Command<'ConfigureBatching', Batching & { readonly deploymentId: string }>;
export type ConfigureLogging = Command<'ConfigureLogging', Logging & { readonly deploymentId: string }>;

export type ConfigureFeatureLookUp = Command<
  'ConfigureFeatureLookUp',
  {
    readonly deploymentId: string;
    /** Undefined: features come with the request again. */
    readonly lookUp: FeatureLookUp | undefined;
    readonly defaults: readonly { readonly column: string; readonly value: number }[];
  }
>;

/** What a version that is to stand by was compared with, by id, and what keeps it from answering in its place; undefined: nothing does. */
export type Differences = ReadonlyMap<string, string | undefined>;

export type ConfigureFallback = Command<
  'ConfigureFallback',
  | { readonly kind: 'constant'; readonly deploymentId: string; readonly value: number }
  | {
      readonly kind: 'version';
      readonly deploymentId: string;
      readonly fallbackId: string;
      readonly versionId: string;
      readonly version: number;
      /** Registered model that the version belongs to. */
      readonly modelName: string;
      readonly digest: string;
      readonly goldenDigest: string;
      readonly goldenTolerance: number;
      /** Aliases that the version carries because the registry's gates let it. */
      readonly promotedAliases: readonly string[];
      /** Why a replica could not serve it; absent when it can. */
      readonly unservable?: string;
      readonly differences: Differences;
    }
>;

export type EngageKillSwitch = Command<'EngageKillSwitch', { readonly deploymentId: string; readonly reason: string }>;

export type ReleaseKillSwitch = Command<'ReleaseKillSwitch', { readonly deploymentId: string; readonly reason: string }>;

export type StartRollout = Command<
  'StartRollout',
  {
    readonly deploymentId: string;
    readonly rolloutId: string;
    readonly versionId: string;
    readonly version: number;
    /** Registered model that the version belongs to. */
    readonly modelName: string;
    readonly digest: string;
    readonly goldenDigest: string;
    readonly goldenTolerance: number;
    readonly canaryWeight: number;
    readonly minimumRequests: number;
    /** Aliases that the version carries because the registry's gates let it. */
    readonly promotedAliases: readonly string[];
    /** Why a replica could not serve it; absent when it can. */
    readonly unservable?: string;
    /** Between it and the version that stands by. */
    readonly differences: Differences;
  }
>;

/** A replica says what it loaded and how far its answer to the golden request was off. */
export type ReportReplica = Command<
  'ReportReplica',
  {
    readonly deploymentId: string;
    readonly rolloutId: string;
    readonly replicaId: string;
    readonly versionId: string;
    /** Of the bytes that were loaded; empty when nothing could be. */
    readonly digest: string;
    readonly outcome: { readonly goldenMaxDifference: number } | { readonly failure: string };
  }
>;

export type AdvanceRollout = Command<
  'AdvanceRollout',
  {
    readonly deploymentId: string;
    readonly rolloutId: string;
    /** That the statistics are of. */
    readonly stage: Stage;
    readonly statistics: StageStatistics;
    /** Replicas that take traffic now, from who starts them and not from who proves. */
    readonly members: readonly string[];
  }
>;

export type AbortRollout = Command<'AbortRollout', { readonly deploymentId: string; readonly rolloutId: string; readonly reason: string }>;

export type DeploymentCommand =
  | CreateDeployment
  | ConfigureBatching
  | ConfigureLogging
  | ConfigureFeatureLookUp
  | ConfigureFallback
  | EngageKillSwitch
  | ReleaseKillSwitch
  | StartRollout
  | ReportReplica
  | AdvanceRollout
  | AbortRollout;
