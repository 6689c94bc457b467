import { Fields, invalidParameter, limitOf, offsetOf } from '@cairn/mlflow';
import { convertExperimentId } from '../../experiment/http/convert.js';
import { metricsOf, type Aggregation, type Metric, type MetricView } from '../views/trace-metrics/metric-catalogue.js';
import type { MetricAggregation, MetricPoint, MetricQuestion } from '../views/trace-metrics/trace-metrics.query.js';
import { convertMetricFilter } from './metric-filter.js';
import { missing } from './trace-fields.js';

/** In the order of their numbers in service.proto, which protobuf's JSON may write instead. */
const VIEWS: readonly MetricView[] = ['TRACES', 'SPANS', 'ASSESSMENTS'];
const AGGREGATIONS: readonly Aggregation[] = ['COUNT', 'SUM', 'AVG', 'PERCENTILE', 'MIN', 'MAX'];
const MAX_RESULTS = { fallback: 1_000, max: 10_000 };
const MAX_EXPERIMENTS = 1_000;
const MAX_AGGREGATIONS = 20;
const MAX_FILTERS = 20;
/** The first and the last moment that Python's datetime, which reads them, can show. */
const [FIRST_MS, LAST_MS] = [-62_135_596_800_000, 253_402_300_799_000];

/** `QueryTraceMetrics` of service.proto. Throws INVALID_PARAMETER_VALUE, in MLflow's words where it refuses the same. */
export function convertMetricsQuery(body: unknown, workspace: string): MetricQuestion & { readonly metricName: string } {
  const fields = new Fields(body);
  const experimentIds = experimentIdsIn(fields, workspace);
  const view = oneOf(VIEWS, fields.text('view_type'), 'view_type');
  const metricName = fields.text('metric_name');
  const metric = metricOf(view, metricName);
  const aggregations = aggregationsIn(fields, metric);
  const dimensions = dimensionsIn(fields, metric);
  const filters = fields.texts('filters');
  if (filters.length > MAX_FILTERS) throw invalidParameter(`At most ${MAX_FILTERS} filters can be asked for at once; these are ${filters.length}.`);
  const intervalSeconds = intervalIn(fields);
  const [startTimeMs, endTimeMs] = [fields.optionalInteger('start_time_ms'), fields.optionalInteger('end_time_ms')];
  if (intervalSeconds !== undefined && (startTimeMs === undefined || endTimeMs === undefined)) {
    throw invalidParameter('start_time_ms and end_time_ms are required if time_interval_seconds is set');
  }
  const terms = filters.map((filter) => convertMetricFilter(filter, view));
  const limit = limitOf(fields.optionalInteger('max_results'), MAX_RESULTS);
  const offset = offsetOf(fields.optionalText('page_token'));
  return { metricName, experimentIds, view, metric, aggregations, dimensions, terms, intervalSeconds, startTimeMs, endTimeMs, limit, offset };
}

/** Places that are no experiments of ours hold no traces. */
export function experimentIdsIn(fields: Fields, workspace: string): string[] {
  const wireIds = fields.texts('experiment_ids');
  if (wireIds.length === 0) throw missing('experiment_ids');
  if (wireIds.length > MAX_EXPERIMENTS) throw invalidParameter(`At most ${MAX_EXPERIMENTS} experiments can be asked for at once; these are ${wireIds.length}.`);
  return wireIds.flatMap((wireId) => convertExperimentId(wireId, workspace) ?? []);
}

/** As protobuf's JSON writes it: what is empty is left out. A point without any value is none. */
export function convertMetricPoints(metricName: string, points: readonly MetricPoint[]): object {
  const shown = points.flatMap(({ bucketMs, dimensions, values }) => {
    if (Object.keys(values).length === 0) return [];
    const all = { ...(bucketMs !== undefined && { time_bucket: bucketText(bucketMs) }), ...dimensions };
    return [{ metric_name: metricName, ...(Object.keys(all).length > 0 && { dimensions: all }), values }];
  });
  return shown.length > 0 ? { data_points: shown } : {};
}

/** As Python's `isoformat` writes a whole second of UTC. */
function bucketText(timeMs: number): string {
  return new Date(Math.max(FIRST_MS, Math.min(timeMs, LAST_MS))).toISOString().replace('.000Z', '+00:00');
}

function metricOf(view: MetricView, name: string): Metric {
  const metrics = metricsOf[view];
  const metric = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
  if (metric === undefined) throw invalidParameter(`metric_name must be one of ${shown(Object.keys(metrics))}, got '${name.slice(0, 100)}'`);
  return metric;
}

function aggregationsIn(fields: Fields, metric: Metric): MetricAggregation[] {
  const asked = fields.list('aggregations');
  if (asked.length === 0) throw missing('aggregations');
  if (asked.length > MAX_AGGREGATIONS) throw invalidParameter(`At most ${MAX_AGGREGATIONS} aggregations can be asked for at once; these are ${asked.length}.`);
  const aggregations = asked.map(aggregationIn);
  const invalid = aggregations.filter(({ type }) => !metric.aggregations.includes(type)).map(({ type }) => type);
  if (invalid.length > 0) {
    throw invalidParameter(`Found invalid aggregation_type(s): ${shown([...new Set(invalid)].sort())}. Supported aggregation types: ${shown(metric.aggregations)}`);
  }
  return [...new Map(aggregations.map((aggregation) => [aggregation.label, aggregation])).values()];
}

function aggregationIn(fields: Fields): MetricAggregation {
  const type = oneOf(AGGREGATIONS, fields.text('aggregation_type'), 'aggregation_type');
  const percentile = fields.optionalText('percentile_value') === undefined ? undefined : Number(fields.text('percentile_value'));
  if (type !== 'PERCENTILE') {
    if (percentile !== undefined) throw invalidParameter(`Percentile value is only allowed for PERCENTILE aggregation type, got ${type}`);
    return { label: type, type, fraction: undefined };
  }
  if (percentile === undefined) throw invalidParameter('Percentile value is required for PERCENTILE aggregation');
  if (!(percentile >= 0 && percentile <= 100)) throw invalidParameter(`Percentile value must be between 0 and 100, got ${percentile}`);
  return { label: `P${Number.isInteger(percentile) ? percentile.toFixed(1) : percentile}`, type, fraction: percentile / 100 };
}

function dimensionsIn(fields: Fields, metric: Metric): string[] {
  const dimensions = [...new Set(fields.texts('dimensions'))];
  const invalid = dimensions.filter((dimension) => !metric.dimensions.includes(dimension)).map((dimension) => dimension.slice(0, 100));
  if (invalid.length === 0) return dimensions;
  throw invalidParameter(`Found invalid dimension(s): ${shown(invalid.slice(0, 10).sort())}. Supported dimensions: ${shown([...metric.dimensions].sort())}`);
}

/** MLflow takes 0 for none. */
function intervalIn(fields: Fields): number | undefined {
  const seconds = fields.optionalInteger('time_interval_seconds') ?? 0;
  if (seconds < 0) throw invalidParameter(`Invalid value ${seconds} for parameter 'time_interval_seconds' supplied: it must be at least 1.`);
  return seconds === 0 ? undefined : seconds;
}

function oneOf<Name extends string>(names: readonly Name[], text: string, parameter: string): Name {
  const found = names.find((name, index) => text === name || text === String(index + 1));
  if (found === undefined) throw invalidParameter(`Invalid value "${text.slice(0, 100)}" for parameter '${parameter}' supplied: it must be one of ${shown(names)}.`);
  return found;
}

function shown(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
