import type { MessageInitShape } from '@bufbuild/protobuf';
import { replica, type Plain } from '@cairn/contracts';
import type { StageStatistics } from '../../deployment/domain/judgement.js';
import type { LostPredictions, SealedSegment } from '../../inference-log/recorder/segment-ledger.js';
import type { ReplicaReport } from '../../replica/control-plane.js';

export function toInstanceReport({ replicaId, outcome, ...rest }: ReplicaReport): MessageInitShape<typeof replica.InstanceReportSchema> {
  const said = 'failure' in outcome ? ({ case: 'failure', value: outcome.failure } as const) : ({ case: 'goldenMaxDifference', value: outcome.goldenMaxDifference } as const);
  return { ...rest, instanceId: replicaId, outcome: said };
}

export function fromInstanceReport({ workspace, deploymentId, rolloutId, versionId, digest, instanceId, outcome }: replica.InstanceReport): ReplicaReport {
  const said = outcome.case === 'goldenMaxDifference' ? { goldenMaxDifference: outcome.value } : { failure: outcome.value ?? '' };
  return { workspace, deploymentId, rolloutId, versionId, digest, replicaId: instanceId, outcome: said };
}

export function toSegmentReport({ sizeBytes, rowCount, versionIds, ...rest }: SealedSegment): MessageInitShape<typeof replica.SegmentReportSchema> {
  return { ...rest, sizeBytes: BigInt(sizeBytes), rowCount: BigInt(rowCount), versionIds: [...versionIds] };
}

export function fromSegmentReport(report: replica.SegmentReport): SealedSegment {
  const { workspace, deploymentId, deploymentName, segmentId, digest, firstInferenceId, lastInferenceId, firstTime, lastTime, versionIds } = report;
  const counts = { sizeBytes: Number(report.sizeBytes), rowCount: Number(report.rowCount) };
  return { workspace, deploymentId, deploymentName, segmentId, digest, ...counts, firstInferenceId, lastInferenceId, firstTime, lastTime, versionIds };
}

export function toLossReport({ rows, ...rest }: LostPredictions): MessageInitShape<typeof replica.LossReportSchema> {
  return { ...rest, rows: BigInt(rows) };
}

export function fromLossReport(report: replica.LossReport): LostPredictions {
  const { workspace, deploymentId, deploymentName, lossId, segmentId, isExact, reason, firstTime, lastTime } = report;
  return { workspace, deploymentId, deploymentName, lossId, segmentId, rows: Number(report.rows), isExact, reason, firstTime, lastTime };
}

export function toStageStatus(rolloutId: string, stage: string, statistics: StageStatistics): MessageInitShape<typeof replica.StageStatusSchema> {
  const { requests, rows, errors, nonFinite, dropped, rowsIncumbent, ...rest } = statistics;
  const [counted, failed] = [{ requests: BigInt(requests), rows: BigInt(rows) }, { errors: BigInt(errors), nonFinite: BigInt(nonFinite) }];
  return { rolloutId, stage, ...counted, ...failed, dropped: BigInt(dropped), rowsIncumbent: BigInt(rowsIncumbent), ...rest };
}

export function fromStageStatus(status: Plain<replica.StageStatus>): StageStatistics {
  const { meanPredictionNew, meanPredictionIncumbent, largestDifference, p99LatencyMs } = status;
  const [counted, failed] = [{ requests: Number(status.requests), rows: Number(status.rows) }, { errors: Number(status.errors), nonFinite: Number(status.nonFinite) }];
  const rest = { dropped: Number(status.dropped), rowsIncumbent: Number(status.rowsIncumbent) };
  return { ...counted, ...failed, ...rest, meanPredictionNew, meanPredictionIncumbent, largestDifference, p99LatencyMs };
}
