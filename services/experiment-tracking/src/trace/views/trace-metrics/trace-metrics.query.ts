import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, type SelectQueryBuilder } from 'typeorm';
import { traceCondition, type TraceTerm } from '../trace-list/trace-condition.js';
import { AssessmentRow, TraceRow } from '../trace-list/trace.entity.js';
import { withinTime } from '../trace-list/within-time.js';
import { bucketSql, dimensionSql, type Aggregation, type Metric, type MetricView } from './metric-catalogue.js';

/** A condition on the traces that are counted, or on a column of their spans or assessments, which must equal the value. */
export type MetricTerm =
  | { readonly of: 'trace'; readonly term: TraceTerm }
  | { readonly of: 'span'; readonly column: 'name' | 'type' | 'status'; readonly value: string }
  | { readonly of: 'assessment'; readonly column: 'name' | 'kind'; readonly value: string };

export interface MetricAggregation {
  /** What MLflow calls its value, e.g. `P99.0`. */
  readonly label: string;
  readonly type: Aggregation;
  /** 0 to 1; of a percentile alone. */
  readonly fraction: number | undefined;
}

export interface MetricQuestion {
  readonly experimentIds: readonly string[];
  readonly view: MetricView;
  readonly metric: Metric;
  readonly aggregations: readonly MetricAggregation[];
  readonly dimensions: readonly string[];
  readonly terms: readonly MetricTerm[];
  /** Values are grouped by intervals of so many seconds; undefined for all together. */
  readonly intervalSeconds: number | undefined;
  /** Both inclusive, milliseconds since 1970. */
  readonly startTimeMs: number | undefined;
  readonly endTimeMs: number | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface MetricPoint {
  readonly bucketMs: number | undefined;
  readonly dimensions: Readonly<Record<string, string>>;
  /** By label; what has no value is left out. */
  readonly values: Readonly<Record<string, number>>;
}

const SAME_TRACE = 'workspace = trace.workspace AND';
const BUCKET = 'bucket_ms';

/** Figures over many traces, as the pages of MLflow's web UI draw them. */
@Injectable()
export class TraceMetricsQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** At most `limit` points from `offset`, in the order of time and dimensions. Throws INVALID_PARAMETER_VALUE when it takes more than 20 s. */
  async points(workspace: string, question: MetricQuestion): Promise<MetricPoint[]> {
    const { dimensions, aggregations, limit, offset, intervalSeconds } = question;
    const rows = await withinTime(this.dataSource, async (manager) => {
      const traces = { workspace, experimentId: In([...question.experimentIds]), deleted: false };
      const query = manager.createQueryBuilder(TraceRow, 'trace').select([]).where(traces);
      restrict(query, question);
      aggregations.forEach((aggregation, index) => aggregate(query, question.metric, aggregation, index));
      if (intervalSeconds !== undefined) {
        query.addSelect(`CAST(${bucketSql[question.view]} AS double precision)`, BUCKET).setParameter('interval', intervalSeconds).addGroupBy(BUCKET).addOrderBy(BUCKET);
      }
      dimensions.forEach((dimension, index) => groupBy(query, dimensionSql[dimension] ?? 'NULL', `dimension_${index}`));
      return query.limit(limit).offset(offset).getRawMany<Record<string, unknown>>();
    });
    return rows.map((row) => ({
      bucketMs: intervalSeconds === undefined ? undefined : Number(row[BUCKET]),
      dimensions: Object.fromEntries(dimensions.map((dimension, index) => [dimension, String(row[`dimension_${index}`])])),
      values: Object.fromEntries(aggregations.flatMap(({ label }, index) => {
        const value = row[`value_${index}`];
        return typeof value === 'number' ? [[label, value]] : [];
      })),
    }));
  }
}

/** To the rows that are counted. What has no value would make groups that are empty. */
function restrict(query: SelectQueryBuilder<TraceRow>, { view, metric, terms, startTimeMs, endTimeMs }: MetricQuestion): void {
  if (view === 'SPANS') query.innerJoin('span', 'span', `span.${SAME_TRACE} span.trace_id = trace.trace_id`);
  if (view === 'ASSESSMENTS') query.innerJoin(AssessmentRow, 'assessment', `assessment.${SAME_TRACE} assessment.trace_id = trace.trace_id AND assessment.valid`);
  query.andWhere(`${metric.sql} IS NOT NULL`);
  // In these words the index of spans with a cost can be used.
  if (metric.timedBySpan === true) query.andWhere('span.cost IS NOT NULL');
  const [start, end] = metric.timedBySpan === true
    ? ['span.start_time_ns >= CAST(:startTimeMs AS numeric) * 1000000', 'span.start_time_ns < (CAST(:endTimeMs AS numeric) + 1) * 1000000']
    : ['trace.start_time_ms >= :startTimeMs', 'trace.start_time_ms <= :endTimeMs'];
  if (startTimeMs !== undefined) query.andWhere(start, { startTimeMs });
  if (endTimeMs !== undefined) query.andWhere(end, { endTimeMs });
  terms.forEach((term, index) => {
    const { sql, parameters } = term.of === 'trace'
      ? traceCondition(term.term, index)
      : { sql: `${term.of}.${term.column} = :filter_${index}`, parameters: { [`filter_${index}`]: term.value } };
    query.andWhere(sql, parameters);
  });
}

function aggregate(query: SelectQueryBuilder<TraceRow>, { sql, distinct }: Metric, { type, fraction }: MetricAggregation, index: number): void {
  const name = `fraction_${index}`;
  const value = type === 'PERCENTILE'
    ? `percentile_cont(CAST(:${name} AS double precision)) WITHIN GROUP (ORDER BY CAST(${sql} AS double precision))`
    : `${type}(${distinct === true ? 'DISTINCT ' : ''}${sql})`;
  query.addSelect(`CAST(${value} AS double precision)`, `value_${index}`);
  if (fraction !== undefined) query.setParameter(name, fraction);
}

function groupBy(query: SelectQueryBuilder<TraceRow>, sql: string, alias: string): void {
  query.andWhere(`${sql} IS NOT NULL`).addSelect(sql, alias).addGroupBy(alias).addOrderBy(alias);
}
