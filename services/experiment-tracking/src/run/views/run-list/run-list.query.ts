import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, type SelectQueryBuilder } from 'typeorm';
import type { ViewType } from '../../../mlflow/view-type.js';
import { LatestMetricRow } from '../metric-history/metric.entity.js';
import { RunModelRow } from '../run-models/run-model.entity.js';
import { runCondition, type RunTerm } from './run-condition.js';
import { ParamRow, RunInputRow, TagRow } from './run-facts.entity.js';
import { RunRow } from './run.entity.js';

/** Columns of a run that it can be ordered by. */
export type RunColumn = 'run_id' | 'name' | 'status' | 'user_name' | 'start_time_ms' | 'end_time_ms';

export type RunOrder =
  | { readonly by: 'attribute'; readonly column: RunColumn; readonly descending: boolean }
  | { readonly by: 'metric' | 'param' | 'tag'; readonly key: string; readonly descending: boolean };

export interface RunSearch {
  readonly view: ViewType;
  readonly experimentIds: readonly string[];
  readonly terms: readonly RunTerm[];
  readonly order: readonly RunOrder[];
  readonly limit: number;
  readonly offset: number;
}

export interface RunFacts {
  readonly params: readonly ParamRow[];
  readonly tags: readonly TagRow[];
  readonly metrics: readonly LatestMetricRow[];
  readonly inputs: readonly RunInputRow[];
  /** Logged models that went in or came out. */
  readonly models: readonly RunModelRow[];
}

export type RunWithFacts = RunFacts & { readonly run: RunRow };

const joined = { metric: LatestMetricRow, param: ParamRow, tag: TagRow } as const;

@Injectable()
export class RunListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, runId: string): Promise<RunWithFacts | undefined> {
    const run = await this.dataSource.manager.findOneBy(RunRow, { workspace, runId });
    if (run === null) return undefined;
    const [withFacts] = await this.withFacts([run]);
    return withFacts;
  }

  /** Whether the run is there; without its facts, which cost four more questions. */
  findRun(workspace: string, runId: string): Promise<RunRow | null> {
    return this.dataSource.manager.findOneBy(RunRow, { workspace, runId });
  }

  /** At most `limit` runs from `offset` that meet every term. What has no value for an order, or NaN, comes last in either direction, as with MLflow. */
  async search(workspace: string, { view, experimentIds, terms, order, limit, offset }: RunSearch): Promise<RunWithFacts[]> {
    const query = this.dataSource.manager.createQueryBuilder(RunRow, 'run').where({ workspace, experimentId: In([...experimentIds]) });
    if (view !== 'all') query.andWhere(`${view === 'active' ? 'NOT ' : ''}(run.deleted OR run.experiment_deleted)`);
    for (const { sql, parameters } of terms.map(runCondition)) query.andWhere(sql, parameters);
    order.forEach((clause, index) => orderBy(query, clause, index));
    // Said again, a column would take the direction that is said last.
    const isOrdered = (column: RunColumn): boolean => order.some((clause) => clause.by === 'attribute' && clause.column === column);
    if (!isOrdered('start_time_ms')) query.addOrderBy('run.start_time_ms', 'DESC');
    if (!isOrdered('run_id')) query.addOrderBy('run.run_id', 'ASC');
    query.limit(limit).offset(offset);
    return this.withFacts(await query.getMany());
  }

  private async withFacts(runs: readonly RunRow[]): Promise<RunWithFacts[]> {
    if (runs.length === 0) return [];
    const { manager } = this.dataSource;
    const where = { runId: In(runs.map(({ runId }) => runId)) };
    const [params, tags, metrics, inputs, models] = await Promise.all([
      manager.find(ParamRow, { where, order: { key: 'ASC' } }).then(byRun),
      manager.find(TagRow, { where, order: { key: 'ASC' } }).then(byRun),
      manager.find(LatestMetricRow, { where, order: { key: 'ASC' } }).then(byRun),
      manager.find(RunInputRow, { where, order: { name: 'ASC', digest: 'ASC' } }).then(byRun),
      manager.find(RunModelRow, { where, order: { step: 'ASC', modelId: 'ASC' } }).then(byRun),
    ]);
    return runs.map((run) => ({
      run,
      params: params.get(run.runId) ?? [],
      tags: tags.get(run.runId) ?? [],
      metrics: metrics.get(run.runId) ?? [],
      inputs: inputs.get(run.runId) ?? [],
      models: models.get(run.runId) ?? [],
    }));
  }
}

/** Keys are parameters of the statement, columns come from a closed list: nothing of the request becomes SQL. */
function orderBy(query: SelectQueryBuilder<RunRow>, clause: RunOrder, index: number): void {
  const direction = clause.descending ? 'DESC' : 'ASC';
  if (clause.by === 'attribute') {
    query.addOrderBy(`run.${clause.column}`, direction, 'NULLS LAST');
    return;
  }
  const alias = `ordered_by_${index}`;
  query.leftJoin(joined[clause.by], alias, `${alias}.run_id = run.run_id AND ${alias}.key = :key_${index}`, { [`key_${index}`]: clause.key });
  if (clause.by === 'metric') query.addOrderBy(`CASE WHEN ${alias}.value = 'NaN' THEN 1 WHEN ${alias}.value IS NULL THEN 2 ELSE 0 END`, 'ASC');
  query.addOrderBy(`${alias}.value`, direction, 'NULLS LAST');
}

function byRun<Row extends { readonly runId: string }>(rows: readonly Row[]): ReadonlyMap<string, Row[]> {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const group = grouped.get(row.runId);
    if (group === undefined) grouped.set(row.runId, [row]);
    else group.push(row);
  }
  return grouped;
}
