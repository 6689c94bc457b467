import type { JsonObject } from '@cairn/kernel';
import type { JoinedTable, LabelFigures } from '../joined/joined-table.js';
import type { LabelRecord } from '../joined/label-history.js';
import type { FoundPrediction, FoundRow } from '../joined/prediction-finder.js';
import { LOG_COLUMNS } from '../recorder/log-columns.js';
import { convertSegment, type SegmentResponse } from './convert.js';

export interface LoggedRow {
  readonly time: string;
  readonly event_time: string;
  /** Empty: the fallback. */
  readonly version_id: string;
  readonly arm: string;
  /** Null in segments of before there was this, like the next three. */
  readonly propensity: number | null;
  readonly sample_rate: number | null;
  readonly replica_id: string | null;
  readonly feature_versions: string | null;
  /** Null where the value is redacted. */
  readonly features: JsonObject;
  readonly prediction: number;
  readonly latency_ms: number;
  readonly segment: SegmentResponse;
}

export interface LabelRecordResponse {
  readonly prediction_id: string;
  readonly label: number;
  readonly known_time: string;
  readonly batch_id: string;
  readonly position: string;
  readonly recorded_at: string;
}

export interface PredictionResponse extends LoggedRow {
  readonly prediction_id: string;
  readonly inference_id: string;
  /** Of versions that were compared beside the answer. */
  readonly compared: readonly LoggedRow[];
  /** In the order in which they were recorded: the last one counts. */
  readonly labels: readonly Omit<LabelRecordResponse, 'prediction_id'>[];
}

export function convertPrediction({ answered, compared }: FoundPrediction, labels: readonly LabelRecord[]): PredictionResponse {
  const ids = { prediction_id: String(answered.row['prediction_id']), inference_id: String(answered.row['inference_id']) };
  return { ...ids, ...convertRow(answered), compared: compared.map(convertRow), labels: labels.map(convertRecord) };
}

export function convertLabelRecord(predictionId: string, record: LabelRecord): LabelRecordResponse {
  return { prediction_id: predictionId, ...convertRecord(record) };
}

export interface JoinedResponse {
  readonly digest: string;
  readonly size_bytes: number;
  readonly predictions: number;
  readonly labelled: number;
  readonly as_of_position: string;
}

export function convertJoined({ digest, sizeBytes, predictions, labelled, asOfPosition }: JoinedTable): JoinedResponse {
  return { digest, size_bytes: sizeBytes, predictions, labelled, as_of_position: String(asOfPosition) };
}

export interface FiguresResponse {
  readonly predictions: number;
  readonly matched: number;
  readonly unmatched: number;
  readonly corrected: number;
  readonly records: number;
  readonly delay_seconds?: { readonly p50: number; readonly p90: number; readonly p99: number };
}

export function convertFigures({ delaySeconds, ...counts }: LabelFigures): FiguresResponse {
  return { ...counts, ...(delaySeconds !== undefined && { delay_seconds: delaySeconds }) };
}

function convertRecord({ label, knownTime, batchId, position, recordedAt }: LabelRecord): Omit<LabelRecordResponse, 'prediction_id'> {
  return { label, known_time: knownTime, batch_id: batchId, position, recorded_at: recordedAt };
}

const OWN_COLUMNS = new Set(LOG_COLUMNS);

/** What is no column of ours is a feature. */
function convertRow({ row, segment }: FoundRow): LoggedRow {
  const { time, event_time, version_id, arm, propensity = null, sample_rate = null, replica_id = null, feature_versions = null, prediction, latency_ms } = row;
  const features = Object.fromEntries(Object.entries(row).filter(([name]) => !OWN_COLUMNS.has(name)));
  const texts = { time: String(time), event_time: String(event_time), version_id: String(version_id), arm: String(arm) };
  const kept = { propensity: numberOf(propensity), sample_rate: numberOf(sample_rate), replica_id: textOf(replica_id), feature_versions: textOf(feature_versions) };
  return { ...texts, ...kept, features, prediction: Number(prediction), latency_ms: Number(latency_ms), segment: convertSegment(segment) };
}

function numberOf(value: JsonObject[string]): number | null {
  return typeof value === 'number' ? value : null;
}

function textOf(value: JsonObject[string]): string | null {
  return typeof value === 'string' ? value : null;
}
