import type { monitoring, Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Thresholds = Plain<monitoring.Thresholds>;

/** What was measured over one window, before anybody judged it. Rates, PSI and AUC are plain numbers, not per cent. */
export interface WindowMeasurement {
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly predictions: bigint;
  readonly labelled: bigint;
  readonly features: readonly Plain<monitoring.FeatureDrift>[];
  readonly predictionPsi: number;
  readonly labelRate: number;
  readonly referenceLabelRate: number;
  readonly auc?: number;
  readonly logLoss?: number;
  readonly meanPrediction: number;
  readonly versionIds: readonly string[];
}

export type DeclareMonitor = Command<'DeclareMonitor', Plain<monitoring.MonitorDeclared>>;
export type ChangeReference = Command<'ChangeReference', { readonly monitorId: string; readonly trainingSetId: string; readonly digest: string }>;
/** `incidentId` names the incident, should this window open one. */
export type EvaluateWindow = Command<
  'EvaluateWindow',
  { readonly monitorId: string; readonly incidentId: string; readonly measured: WindowMeasurement }
>;

export type MonitorCommand = DeclareMonitor | ChangeReference | EvaluateWindow;
