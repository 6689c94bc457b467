import type { features, Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

/** `certified`: whether every dataset version that it reads is golden. */
export type RequestTrainingSet = Command<'RequestTrainingSet', { readonly request: Plain<features.TrainingSetRequested>; readonly certified: boolean }>;

/** What was measured about one feature over the predicted rows. */
export interface FeatureMeasurement {
  readonly feature: string;
  /** Rows whose value becomes known at or after the moment of prediction. Always 0 for windows, which end before it. */
  readonly rowsLate: number;
  /** Seconds. */
  readonly worstSeconds: number;
  /** AUC of the feature alone; `null` where it has none, or where it was not asked. */
  readonly auc: number | null;
  /** A few late rows, each as JSON. */
  readonly examples: readonly string[];
}

export type JudgeLeakage = Command<
  'JudgeLeakage',
  { readonly trainingSetId: string; readonly rowsChecked: number; readonly measurements: readonly FeatureMeasurement[] }
>;
export type RecordBuilt = Command<'RecordBuilt', Plain<features.TrainingSetBuilt>>;
export type RecordFailure = Command<'RecordFailure', Plain<features.TrainingSetFailed>>;

export type TrainingSetCommand = RequestTrainingSet | JudgeLeakage | RecordBuilt | RecordFailure;
