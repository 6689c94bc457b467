import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { columnSql, traceCondition, type TraceColumn, type TraceTerm } from './trace-condition.js';
import { AssessmentRow, TraceArtifactRow, TraceRow } from './trace.entity.js';
import { withinTime } from './within-time.js';

export type TraceOrder =
  | { readonly by: 'column'; readonly column: TraceColumn; readonly descending: boolean }
  | { readonly by: 'tag' | 'metadata'; readonly key: string; readonly descending: boolean };

export interface TraceSearch {
  readonly experimentIds: readonly string[];
  readonly terms: readonly TraceTerm[];
  readonly order: readonly TraceOrder[];
  readonly limit: number;
  readonly offset: number;
}

export interface TraceWithFacts {
  readonly trace: TraceRow;
  readonly assessments: readonly AssessmentRow[];
  /** Whether its spans came over OTLP; else they may be a file that its client stored. */
  readonly hasSpans: boolean;
}

@Injectable()
export class TraceListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** In the order asked for; what is not there, or was deleted, is left out. */
  async findMany(workspace: string, traceIds: readonly string[]): Promise<TraceWithFacts[]> {
    const { manager } = this.dataSource;
    const traces = await manager.findBy(TraceRow, { workspace, traceId: In([...traceIds]), deleted: false });
    const found = new Map((await withFacts(workspace, traces, manager)).map((facts) => [facts.trace.traceId, facts]));
    return [...new Set(traceIds)].flatMap((traceId) => found.get(traceId) ?? []);
  }

  artifact(workspace: string, traceId: string, path: string): Promise<TraceArtifactRow | null> {
    return this.dataSource.manager.findOneBy(TraceArtifactRow, { workspace, traceId, path });
  }

  artifacts(workspace: string, traceId: string): Promise<TraceArtifactRow[]> {
    return this.dataSource.manager.find(TraceArtifactRow, { where: { workspace, traceId }, order: { path: 'ASC' } });
  }

  /** The oldest traces of an experiment that may be deleted: of these ids, or that started at or before a moment (milliseconds since 1970). */
  async deletable(
    workspace: string,
    experimentId: string,
    { traceIds, maxStartTimeMs, limit }: { readonly traceIds?: readonly string[]; readonly maxStartTimeMs?: number; readonly limit: number },
  ): Promise<string[]> {
    const query = this.dataSource.manager.createQueryBuilder(TraceRow, 'trace').select('trace.trace_id', 'traceId').where({ workspace, experimentId, deleted: false });
    if (traceIds !== undefined) query.andWhere({ traceId: In([...traceIds]) });
    if (maxStartTimeMs !== undefined) query.andWhere('trace.start_time_ms <= :maxStartTimeMs', { maxStartTimeMs });
    const rows = await query.orderBy('trace.start_time_ms', 'ASC').addOrderBy('trace.trace_id', 'ASC').limit(limit).getRawMany<{ traceId: string }>();
    return rows.map(({ traceId }) => traceId);
  }

  /** At most `limit` traces from `offset` that meet every term; the newest first where nothing else is asked. Throws INVALID_PARAMETER_VALUE. */
  async search(workspace: string, { experimentIds, terms, order, limit, offset }: TraceSearch): Promise<TraceWithFacts[]> {
    return withinTime(this.dataSource, async (manager) => {
      const query = manager.createQueryBuilder(TraceRow, 'trace').where({ workspace, experimentId: In([...experimentIds]), deleted: false });
      for (const { sql, parameters } of terms.map(traceCondition)) query.andWhere(sql, parameters);
      order.forEach((clause, index) => orderBy(query, clause, index));
      query.addOrderBy('trace.start_time_ms', 'DESC').addOrderBy('trace.trace_id', 'ASC').limit(limit).offset(offset);
      return withFacts(workspace, await query.getMany(), manager);
    });
  }
}

/** Keys are parameters of the statement, columns come from a closed list. What has no value comes last, in either direction. */
function orderBy(query: SelectQueryBuilder<TraceRow>, clause: TraceOrder, index: number): void {
  const alias = `order_${index}`;
  const sql = clause.by === 'column' ? columnSql(clause.column) : `(trace.${clause.by === 'tag' ? 'tags' : 'metadata'} ->> :order_key_${index})`;
  if (clause.by !== 'column') query.setParameter(`order_key_${index}`, clause.key);
  query.addSelect(sql, alias).addOrderBy(alias, clause.descending ? 'DESC' : 'ASC', 'NULLS LAST');
}

async function withFacts(workspace: string, traces: readonly TraceRow[], manager: EntityManager): Promise<TraceWithFacts[]> {
  if (traces.length === 0) return [];
  const traceIds = traces.map(({ traceId }) => traceId);
  const assessments = await manager.find(AssessmentRow, { where: { workspace, traceId: In(traceIds) }, order: { createTime: 'ASC', assessmentId: 'ASC' } });
  const spans: { trace_id: string }[] = await manager.query('SELECT trace_id FROM span_trace WHERE workspace = $1 AND trace_id = ANY($2)', [workspace, traceIds]);
  const withSpans = new Set(spans.map(({ trace_id }) => trace_id));
  return traces.map((trace) => ({
    trace,
    assessments: assessments.filter(({ traceId }) => traceId === trace.traceId),
    hasSpans: withSpans.has(trace.traceId),
  }));
}
