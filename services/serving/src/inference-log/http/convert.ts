import type { LabelBatchRow } from '../views/log-contents/label-batch.entity.js';
import type { LossRow } from '../views/log-contents/loss.entity.js';
import type { SegmentRow } from '../views/log-contents/segment.entity.js';

export interface SegmentResponse {
  readonly segment_id: string;
  readonly position: string;
  readonly digest: string;
  readonly size_bytes: number;
  readonly row_count: number;
  readonly first_inference_id: string;
  readonly last_inference_id: string;
  readonly first_time: string;
  readonly last_time: string;
  readonly version_ids: readonly string[];
  readonly sealed_at: string;
}

export function convertSegment(row: SegmentRow): SegmentResponse {
  return {
    segment_id: row.segmentId,
    position: row.position,
    digest: row.digest,
    size_bytes: Number(row.sizeBytes),
    row_count: Number(row.rowCount),
    first_inference_id: row.firstInferenceId,
    last_inference_id: row.lastInferenceId,
    first_time: row.firstTime,
    last_time: row.lastTime,
    version_ids: JSON.parse(row.versionIds) as string[],
    sealed_at: row.sealedAt,
  };
}

export interface LabelBatchResponse {
  readonly batch_id: string;
  readonly position: string;
  readonly digest: string;
  readonly row_count: number;
  readonly recorded_at: string;
}

export function convertLabelBatch(row: LabelBatchRow): LabelBatchResponse {
  return { batch_id: row.batchId, position: row.position, digest: row.digest, row_count: Number(row.rowCount), recorded_at: row.recordedAt };
}

export interface LossResponse {
  readonly loss_id: string;
  readonly position: string;
  readonly segment_id: string;
  /** Answered, and in no segment. */
  readonly rows: number;
  readonly is_exact: boolean;
  readonly reason: string;
  /** Answered between these; null where nobody knows. */
  readonly first_time: string | null;
  readonly last_time: string | null;
  readonly recorded_at: string;
}

export function convertLoss(row: LossRow): LossResponse {
  const { lossId, position, segmentId, rowCount, isExact, reason, firstTime, lastTime, recordedAt } = row;
  const times = { first_time: firstTime === '' ? null : firstTime, last_time: lastTime === '' ? null : lastTime };
  return { loss_id: lossId, position, segment_id: segmentId, rows: Number(rowCount), is_exact: isExact, reason, ...times, recorded_at: recordedAt };
}
