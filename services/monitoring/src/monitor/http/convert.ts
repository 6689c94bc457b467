import type { Thresholds } from '../domain/commands.js';
import type { MonitorRow } from '../views/monitor-list/monitor.entity.js';
import type { WindowRow } from '../views/window-history/window.entity.js';
import type { ThresholdsDto } from './declare-monitor.dto.js';

export function convertThresholds(dto: ThresholdsDto): Thresholds {
  return {
    featurePsi: dto.feature_psi,
    predictionPsi: dto.prediction_psi,
    labelRateChange: dto.label_rate_change,
    minimumAuc: dto.minimum_auc,
    minimumLabels: BigInt(dto.minimum_labels),
    consecutiveWindows: dto.consecutive_windows,
    windowDays: dto.window_days,
  };
}

export interface MonitorResponse {
  readonly monitor_id: string;
  readonly name: string;
  readonly deployment: string;
  readonly reference_training_set_id: string;
  readonly reference_digest: string;
  readonly features: string[];
  readonly window_days: number;
}

export function convertMonitor(row: MonitorRow): MonitorResponse {
  return {
    monitor_id: row.monitorId,
    name: row.name,
    deployment: row.deploymentName,
    reference_training_set_id: row.referenceTrainingSetId,
    reference_digest: row.referenceDigest,
    features: JSON.parse(row.features) as string[],
    window_days: row.windowDays,
  };
}

interface Evaluation {
  readonly features?: { feature: string; psi?: number }[];
  readonly predictionPsi?: number;
  readonly labelRate?: number;
  readonly referenceLabelRate?: number;
  readonly auc?: number;
  readonly logLoss?: number;
  readonly meanPrediction?: number;
  readonly breaches?: string[];
  readonly versionIds?: string[];
  readonly incidentId?: string;
  readonly evaluation?: number;
}

/** Numbers that proto3 JSON leaves out are zero; `auc` and `log_loss` are null where they are undefined. */
export function convertWindow(row: WindowRow) {
  const evaluation = JSON.parse(row.evaluation) as Evaluation;
  return {
    window_start: row.windowStart,
    window_end: row.windowEnd,
    verdict: row.verdict,
    breaches: evaluation.breaches ?? [],
    predictions: Number(row.predictions),
    labelled: Number(row.labelled),
    label_rate: evaluation.labelRate ?? 0,
    reference_label_rate: evaluation.referenceLabelRate ?? 0,
    auc: evaluation.auc ?? null,
    log_loss: evaluation.logLoss ?? null,
    mean_prediction: evaluation.meanPrediction ?? 0,
    prediction_psi: evaluation.predictionPsi ?? 0,
    feature_psi: Object.fromEntries((evaluation.features ?? []).map(({ feature, psi }) => [feature, psi ?? 0])),
    version_ids: evaluation.versionIds ?? [],
    incident_id: evaluation.incidentId ?? '',
    evaluation: evaluation.evaluation ?? 0,
    position: row.position,
  };
}
