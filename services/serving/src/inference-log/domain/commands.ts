import type { Command } from '@cairn/kernel';

export interface Segment {
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly segmentId: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly rowCount: number;
  readonly firstInferenceId: string;
  readonly lastInferenceId: string;
  /** RFC 3339 UTC. */
  readonly firstTime: string;
  readonly lastTime: string;
  readonly versionIds: readonly string[];
}

export interface LabelBatch {
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly batchId: string;
  readonly digest: string;
  readonly rowCount: number;
  /** Least and greatest inference id among the prediction ids. */
  readonly firstInferenceId: string;
  readonly lastInferenceId: string;
}

/** Segments that are older than the retention of their deployment. */
export interface Expiry {
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly expiryId: string;
  readonly segmentIds: readonly string[];
  readonly retentionDays: number;
}

export interface Loss {
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly lossId: string;
  readonly segmentId: string;
  /** That were answered and are in no segment. */
  readonly rows: number;
  /** Whether these are all. */
  readonly isExact: boolean;
  /** `torn` | `machine_crash` | `unwritable` | `refused`. */
  readonly reason: string;
  /** RFC 3339 UTC; empty where nobody knows. */
  readonly firstTime: string;
  readonly lastTime: string;
}

export type SealSegment = Command<'SealSegment', Segment>;
export type RecordLabels = Command<'RecordLabels', LabelBatch>;
export type RecordLoss = Command<'RecordLoss', Loss>;
export type ExpireSegments = Command<'ExpireSegments', Expiry>;

export type InferenceLogCommand = SealSegment | RecordLabels | RecordLoss | ExpireSegments;
