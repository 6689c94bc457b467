import type { JsonObject, JsonValue } from '@cairn/kernel';
import type { PredictionTrace } from '../trace/prediction-trace.js';

export interface HopResponse {
  readonly from: string;
  readonly to: string;
  readonly relation: string;
  /** Of `to`. */
  readonly kind: string;
  readonly label: string;
  readonly position: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly time: string;
  readonly attributes: JsonObject;
}

export interface PredictionResponse {
  readonly prediction_id: string;
  readonly segment_id: string;
  /** Empty: the fallback answered. */
  readonly model_version_id: string;
  readonly arm: string;
  readonly time: string;
  readonly prediction: JsonValue;
  readonly features: JsonObject;
  readonly hop_count: number;
  readonly hops: readonly HopResponse[];
  readonly source_rows?: {
    readonly count: number;
    readonly examples: readonly number[];
    readonly versions: readonly { readonly node: string; readonly label: string; readonly rows: readonly number[] }[];
  };
  readonly complete: boolean;
}

/** Columns of a segment that are not features. */
const OWN_COLUMNS = new Set([
  'prediction_id', 'inference_id', 'time', 'event_time', 'version_id', 'arm', 'propensity', 'sample_rate', 'replica_id', 'feature_versions', 'prediction', 'latency_ms',
]);

export function convertTrace(predictionId: string, { row, segmentId, hops, nodes, sourceRows, complete }: PredictionTrace): PredictionResponse {
  return {
    prediction_id: predictionId,
    segment_id: segmentId,
    model_version_id: textOf(row['version_id']),
    arm: textOf(row['arm']),
    time: textOf(row['time']),
    prediction: row['prediction'] ?? null,
    features: Object.fromEntries(Object.entries(row).filter(([column]) => !OWN_COLUMNS.has(column))),
    hop_count: hops.length,
    hops: hops.map(({ from, to, relation, position, eventId, eventType, time }) => {
      const { kind = '', label = '', attributes = {} } = nodes.get(to) ?? {};
      return { from, to, relation, kind, label, position, event_id: eventId, event_type: eventType, time, attributes };
    }),
    ...(sourceRows !== undefined && {
      source_rows: {
        count: sourceRows.count,
        examples: sourceRows.examples,
        versions: sourceRows.versions.map(({ versionId, label, rows }) => ({ node: versionId, label, rows })),
      },
    }),
    complete,
  };
}

function textOf(value: JsonValue | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}
