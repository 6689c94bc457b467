/** What can be asked of traces, of their spans and of their assessments: MLflow's names (mlflow/store/tracking/utils/sql_trace_metrics_utils.py). */
export type MetricView = 'TRACES' | 'SPANS' | 'ASSESSMENTS';
export type Aggregation = 'COUNT' | 'SUM' | 'AVG' | 'PERCENTILE' | 'MIN' | 'MAX';

export interface Metric {
  /** Of one row; rows without it (NULL) do not count. */
  readonly sql: string;
  readonly distinct?: boolean;
  readonly aggregations: readonly Aggregation[];
  readonly dimensions: readonly string[];
  /** Which moment of a span must lie in the range asked for: its own start, or (as for all others) that of its trace. */
  readonly timedBySpan?: boolean;
}

const MEASURED: readonly Aggregation[] = ['AVG', 'MAX', 'MIN', 'PERCENTILE'];
const SUMMED: readonly Aggregation[] = ['AVG', 'MAX', 'MIN', 'PERCENTILE', 'SUM'];

const tokens = (kind: string): Metric => ({ sql: `(trace.token_usage ->> '${kind}')::bigint`, aggregations: SUMMED, dimensions: ['trace_name'] });
const cost = (kind: string): Metric => ({
  sql: `CASE WHEN span.cost IS NOT NULL THEN (span.cost ->> '${kind}')::double precision END`, aggregations: SUMMED,
  dimensions: ['span_model_name', 'span_model_provider'], timedBySpan: true,
});
const VALUE = `(assessment.value::jsonb -> 'value')`;
const VALUE_TEXT = `(assessment.value::jsonb ->> 'value')`;

export const metricsOf: Readonly<Record<MetricView, Readonly<Record<string, Metric>>>> = {
  TRACES: {
    trace_count: { sql: 'trace.trace_id', aggregations: ['COUNT'], dimensions: ['trace_name', 'trace_status'] },
    session_count: { sql: `(trace.metadata ->> 'mlflow.trace.session')`, distinct: true, aggregations: ['COUNT'], dimensions: [] },
    latency: { sql: 'trace.duration_ms', aggregations: MEASURED, dimensions: ['trace_name'] },
    input_tokens: tokens('input_tokens'),
    output_tokens: tokens('output_tokens'),
    total_tokens: tokens('total_tokens'),
    cache_read_input_tokens: tokens('cache_read_input_tokens'),
    cache_creation_input_tokens: tokens('cache_creation_input_tokens'),
  },
  SPANS: {
    span_count: {
      sql: 'span.span_id', aggregations: ['COUNT'], dimensions: ['span_name', 'span_type', 'span_status', 'span_model_name', 'span_model_provider'],
    },
    // Whole milliseconds. A span that has not ended, or ended before it began, has none.
    latency: {
      sql: 'CASE WHEN span.end_time_ns >= span.start_time_ns THEN (span.end_time_ns - span.start_time_ns) / 1000000 END',
      aggregations: MEASURED, dimensions: ['span_name', 'span_status'],
    },
    input_cost: cost('input_cost'),
    output_cost: cost('output_cost'),
    total_cost: cost('total_cost'),
  },
  ASSESSMENTS: {
    assessment_count: { sql: 'assessment.assessment_id', aggregations: ['COUNT'], dimensions: ['assessment_name', 'assessment_value'] },
    // Numbers as they are; true and yes are 1, false and no are 0; other texts, lists and objects have none.
    assessment_value: {
      sql: `CASE jsonb_typeof${VALUE} WHEN 'number' THEN ${VALUE_TEXT}::double precision WHEN 'boolean' THEN ${VALUE_TEXT}::boolean::int::double precision
        WHEN 'string' THEN CASE lower(btrim(${VALUE_TEXT}, E' \\t\\r\\n')) WHEN 'yes' THEN 1 WHEN 'no' THEN 0 END END`,
      aggregations: MEASURED, dimensions: ['assessment_name'],
    },
  },
};

/** Texts; rows without one (NULL) do not count when they are grouped by it. */
export const dimensionSql: Readonly<Record<string, string>> = {
  trace_name: `(trace.tags ->> 'mlflow.traceName')`,
  trace_status: 'trace.state',
  span_name: 'span.name',
  span_type: 'span.type',
  span_status: 'span.status',
  span_model_name: 'span.model_name',
  span_model_provider: 'span.model_provider',
  assessment_name: 'assessment.name',
  // JSON of the value, as MLflow shows it: its whole numbers are Python's floats. A structured expectation is such a text already.
  assessment_value: `CASE WHEN assessment.kind = 'issue' THEN assessment.value::jsonb::text
    WHEN jsonb_typeof${VALUE} = 'number' THEN regexp_replace(${VALUE_TEXT}, '^(-?[0-9]+)$', '\\1.0')
    ELSE coalesce(${VALUE}::text, assessment.value::jsonb -> 'serialized_value' ->> 'value', 'null') END`,
};

/** Milliseconds since 1970, cut down to the beginning of an interval of so many seconds; numeric, for a caller's interval may have any length. */
export const bucketSql: Readonly<Record<MetricView, string>> = {
  TRACES: 'floor(trace.start_time_ms / (CAST(:interval AS numeric) * 1000)) * CAST(:interval AS numeric) * 1000',
  SPANS: 'floor(span.start_time_ns / (CAST(:interval AS numeric) * 1000000000)) * CAST(:interval AS numeric) * 1000',
  ASSESSMENTS: 'floor(trace.start_time_ms / (CAST(:interval AS numeric) * 1000)) * CAST(:interval AS numeric) * 1000',
};
