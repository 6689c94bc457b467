import { convertLookUp, type FeatureLookUpResponse } from '../../features/http/convert.js';
import type { DeploymentRuntime } from '../../fleet/deployment-runtime.js';
import type { StageStatistics } from '../domain/judgement.js';
import type { DeploymentRow } from '../views/deployment-list/deployment.entity.js';
import type { RolloutRecord } from '../views/rollout-history/rollout-history.query.js';
import type { RolloutRow } from '../views/rollout-history/rollout.entity.js';

import type { BatchingDto } from './batching.dto.js';
import type { LoggingDto } from './logging.dto.js';

export interface FallbackResponse {
  readonly kind: 'constant' | 'version';
  /** The constant; of kind `version` it answers where no replica is ready for the version. */
  readonly value: number;
  readonly version_id?: string;
  readonly version?: number;
  readonly ready_replicas?: number;
}

export interface KillSwitchResponse {
  readonly state: 'engaged' | 'released';
  /** When it was last thrown or released, by whom and why; absent when it never was. */
  readonly since?: string;
  readonly by?: string;
  readonly reason?: string;
}

export interface DeploymentResponse {
  readonly deployment_id: string;
  readonly name: string;
  readonly model_name: string;
  readonly fallback_value: number;
  readonly fallback: FallbackResponse;
  readonly kill_switch: KillSwitchResponse;
  readonly replicas: number;
  readonly batching: BatchingDto;
  readonly logging: LoggingDto;
  /** Absent: features come with the request. */
  readonly features?: FeatureLookUpResponse;
  readonly live?: { readonly version_id: string; readonly version: number; readonly ready_replicas: number };
  /** Of the rollout in progress. */
  readonly rollout_id?: string;
  readonly created_at: string;
}

export function convertDeployment(row: DeploymentRow, runtime: DeploymentRuntime | undefined): DeploymentResponse {
  const { liveVersionId, liveVersion, rolloutId } = row;
  return {
    deployment_id: row.deploymentId,
    name: row.name,
    model_name: row.modelName,
    fallback_value: row.fallbackValue,
    fallback: convertFallback(row, runtime),
    kill_switch: convertKillSwitch(row),
    replicas: row.replicas,
    batching: { max_rows: row.maxRows, delay_us: row.delayUs, preferred_rows: row.preferredRows, max_queued: row.maxQueued },
    logging: { sample_rate: row.sampleRate, redacted_columns: row.redactedColumns, retention_days: row.retentionDays },
    ...(row.featureLookUp !== null && { features: convertLookUp(row.featureLookUp) }),
    ...(liveVersionId !== null &&
      liveVersion !== null && { live: { version_id: liveVersionId, version: liveVersion, ready_replicas: runtime?.group.ready(liveVersionId).length ?? 0 } }),
    ...(rolloutId !== null && { rollout_id: rolloutId }),
    created_at: row.createdAt,
  };
}

export function convertFallback({ fallbackValue: value, fallbackVersionId, fallbackVersion }: DeploymentRow, runtime: DeploymentRuntime | undefined): FallbackResponse {
  if (fallbackVersionId === null || fallbackVersion === null) return { kind: 'constant', value };
  const readyReplicas = runtime?.group.ready(fallbackVersionId).length ?? 0;
  return { kind: 'version', value, version_id: fallbackVersionId, version: fallbackVersion, ready_replicas: readyReplicas };
}

function convertKillSwitch({ killed, switchedAt, switchedBy, switchReason }: DeploymentRow): KillSwitchResponse {
  return {
    state: killed ? 'engaged' : 'released',
    ...(switchedAt !== null && { since: switchedAt }),
    ...(switchedBy !== null && { by: switchedBy }),
    ...(switchReason !== null && { reason: switchReason }),
  };
}

export interface RolloutSummary {
  readonly rollout_id: string;
  readonly version_id: string;
  readonly version: number;
  readonly digest: string;
  readonly golden_digest: string;
  readonly golden_tolerance: number;
  /** Absent: the fallback. */
  readonly incumbent_version_id?: string;
  readonly canary_weight: number;
  readonly minimum_requests: number;
  readonly status: string;
  readonly stage: string;
  readonly weight: number;
  readonly reason?: string;
  readonly started_by: string;
  readonly started_at: string;
  readonly ended_at?: string;
}

export function convertRollout(row: RolloutRow): RolloutSummary {
  return {
    rollout_id: row.rolloutId,
    version_id: row.versionId,
    version: row.version,
    digest: row.digest,
    golden_digest: row.goldenDigest,
    golden_tolerance: row.goldenTolerance,
    ...(row.incumbentVersionId !== '' && { incumbent_version_id: row.incumbentVersionId }),
    canary_weight: row.canaryWeight,
    minimum_requests: Number(row.minimumRequests),
    status: row.status,
    stage: row.stage,
    weight: row.weight,
    ...(row.reason !== '' && { reason: row.reason }),
    started_by: row.startedBy,
    started_at: row.startedAt,
    ...(row.endedAt !== null && { ended_at: row.endedAt }),
  };
}

export type RolloutResponse = ReturnType<typeof convertRolloutRecord>;

/** Of a rollout that runs. */
export interface RolloutNow {
  /** Instances that have to prove the version, in all replicas. */
  readonly members: readonly string[];
  /** Of the present stage, in all replicas. */
  readonly statistics: StageStatistics;
}

/** With everything that is known: the evidence so far, who proved what, and, while it runs, what the present stage has seen. */
export function convertRolloutRecord({ rollout, judgements, proofs }: RolloutRecord, now: RolloutNow | undefined) {
  return {
    ...convertRollout(rollout),
    judgements: judgements.map((row) => ({
      stage: row.stage,
      verdict: row.verdict,
      requests: Number(row.requests),
      rows: Number(row.rows),
      errors: Number(row.errors),
      mean_prediction_new: row.meanPredictionNew,
      mean_prediction_incumbent: row.meanPredictionIncumbent,
      p99_latency_ms: row.p99LatencyMs,
      evidence: row.evidence,
      judged_at: row.judgedAt,
    })),
    proofs: convertProofs(proofs, now?.members),
    ...(now !== undefined && { statistics: convertStatistics(now.statistics) }),
  };
}

/** With the instances that there are now, also whether each is still among them. */
export function convertProofs(proofs: RolloutRecord['proofs'], members: readonly string[] | undefined) {
  return proofs.map((row) => ({
    replica_id: row.replicaId,
    proved: row.proved,
    digest: row.digest,
    ...(row.goldenMaxDifference !== null && { golden_max_difference: row.goldenMaxDifference }),
    ...(row.reason !== '' && { reason: row.reason }),
    reported_at: row.reportedAt,
    ...(members !== undefined && { member: members.includes(row.replicaId) }),
  }));
}

function convertStatistics(statistics: StageStatistics) {
  return {
    requests: statistics.requests,
    rows: statistics.rows,
    errors: statistics.errors,
    non_finite: statistics.nonFinite,
    dropped: statistics.dropped,
    mean_prediction_new: statistics.meanPredictionNew,
    mean_prediction_incumbent: statistics.meanPredictionIncumbent,
    largest_difference: statistics.largestDifference,
    p99_latency_ms: statistics.p99LatencyMs,
  };
}
