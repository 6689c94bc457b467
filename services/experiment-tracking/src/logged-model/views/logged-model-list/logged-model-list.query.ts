import { comparisonSql, existsSql, type Comparison, type FilterTerm } from '@cairn/mlflow';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, type SelectQueryBuilder } from 'typeorm';
import { LoggedModelMetricRow } from '../model-metrics/model-metric.entity.js';
import { LoggedModelParamRow, LoggedModelRow, LoggedModelTagRow } from './logged-model.entity.js';

export type LoggedModelColumn =
  | 'model_id' | 'name' | 'model_type' | 'status' | 'source_run_id' | 'experiment_id' | 'creation_time_ms' | 'last_update_time_ms';

/** What logged models can be selected by. */
export type LoggedModelTerm = FilterTerm<LoggedModelColumn, 'metric' | 'param' | 'tag'>;

export interface DatasetScope {
  readonly name?: string | undefined;
  readonly digest?: string | undefined;
}

export type LoggedModelOrder =
  | { readonly by: 'attribute'; readonly column: LoggedModelColumn; readonly descending: boolean }
  | { readonly by: 'metric'; readonly key: string; readonly dataset: DatasetScope; readonly descending: boolean };

export interface LoggedModelSearch {
  readonly experimentIds: readonly string[];
  readonly terms: readonly LoggedModelTerm[];
  /** Metrics count only where they were measured on one of these; without a condition on metrics there must be one such. */
  readonly datasets: readonly DatasetScope[];
  readonly order: readonly LoggedModelOrder[];
  readonly limit: number;
  readonly offset: number;
}

export interface LoggedModelWithFacts {
  readonly model: LoggedModelRow;
  readonly params: readonly LoggedModelParamRow[];
  readonly tags: readonly LoggedModelTagRow[];
  readonly metrics: readonly LoggedModelMetricRow[];
}

const tables = { metric: 'logged_model_metric', param: 'logged_model_param', tag: 'logged_model_tag' } as const;

@Injectable()
export class LoggedModelListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, modelId: string): Promise<LoggedModelWithFacts | undefined> {
    const model = await this.findModel(workspace, modelId);
    if (model === null) return undefined;
    const [withFacts] = await this.withFacts([model]);
    return withFacts;
  }

  /** Without its facts; also when it was deleted. */
  findModel(workspace: string, modelId: string): Promise<LoggedModelRow | null> {
    return this.dataSource.manager.findOneBy(LoggedModelRow, { workspace, modelId });
  }

  /** Of the given ids the ones that no logged model has, or a deleted one. */
  async missing(workspace: string, modelIds: readonly string[]): Promise<string[]> {
    const asked = [...new Set(modelIds)];
    if (asked.length === 0) return [];
    const found = await this.dataSource.manager.find(LoggedModelRow, { select: { modelId: true }, where: { workspace, modelId: In(asked), deleted: false } });
    const there = new Set(found.map(({ modelId }) => modelId));
    return asked.filter((modelId) => !there.has(modelId));
  }

  /** At most `limit` models from `offset` that meet every term, none deleted. What has no value for an order, or NaN, comes last in either direction. */
  async search(workspace: string, { experimentIds, terms, datasets, order, limit, offset }: LoggedModelSearch): Promise<LoggedModelWithFacts[]> {
    const where = { workspace, experimentId: In([...experimentIds]), deleted: false };
    const query = this.dataSource.manager.createQueryBuilder(LoggedModelRow, 'model').where(where);
    const scope = scopeSql(datasets);
    for (const { sql, parameters } of terms.map((term, index) => conditionOf(term, index, scope))) query.andWhere(sql, parameters);
    if (datasets.length > 0 && !terms.some(({ by }) => by === 'metric')) {
      query.andWhere(`EXISTS (SELECT FROM ${tables.metric} fact WHERE fact.model_id = model.model_id AND ${scope.sql})`);
    }
    query.setParameters({ ...query.getParameters(), ...scope.parameters });
    order.forEach((clause, index) => orderBy(query, clause, index));
    // Said again, a column would take the direction that is said last.
    const isOrdered = (column: LoggedModelColumn): boolean => order.some((clause) => clause.by === 'attribute' && clause.column === column);
    if (!isOrdered('creation_time_ms')) query.addOrderBy('model.creation_time_ms', 'DESC');
    if (!isOrdered('model_id')) query.addOrderBy('model.model_id', 'ASC');
    query.limit(limit).offset(offset);
    return this.withFacts(await query.getMany());
  }

  private async withFacts(models: readonly LoggedModelRow[]): Promise<LoggedModelWithFacts[]> {
    if (models.length === 0) return [];
    const { manager } = this.dataSource;
    const where = { modelId: In(models.map(({ modelId }) => modelId)) };
    const [params, tags, metrics] = await Promise.all([
      manager.find(LoggedModelParamRow, { where, order: { key: 'ASC' } }),
      manager.find(LoggedModelTagRow, { where, order: { key: 'ASC' } }),
      manager.find(LoggedModelMetricRow, { where, order: { key: 'ASC', runId: 'ASC', datasetName: 'ASC', datasetDigest: 'ASC' } }),
    ]);
    const [paramsOf, tagsOf, metricsOf] = [byModel(params), byModel(tags), byModel(metrics)];
    return models.map((model) => ({
      model, params: paramsOf.get(model.modelId) ?? [], tags: tagsOf.get(model.modelId) ?? [], metrics: metricsOf.get(model.modelId) ?? [],
    }));
  }
}

function byModel<Row extends { readonly modelId: string }>(rows: readonly Row[]): ReadonlyMap<string, Row[]> {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const group = grouped.get(row.modelId);
    if (group === undefined) grouped.set(row.modelId, [row]);
    else group.push(row);
  }
  return grouped;
}

/** On `fact`, a row of the metrics; no dataset allows all. */
function scopeSql(datasets: readonly DatasetScope[]): Comparison {
  const alternatives = datasets.map((dataset, index) => datasetSql('fact', dataset, `scope_${index}`));
  return {
    sql: alternatives.length === 0 ? 'TRUE' : `(${alternatives.map(({ sql }) => sql).join(' OR ')})`,
    parameters: Object.assign({}, ...alternatives.map(({ parameters }) => parameters)),
  };
}

function datasetSql(alias: string, { name, digest }: DatasetScope, parameter: string): Comparison {
  const parts = [
    ...(name === undefined ? [] : [`${alias}.dataset_name = :${parameter}_name`]),
    ...(digest === undefined ? [] : [`${alias}.dataset_digest = :${parameter}_digest`]),
  ];
  return {
    sql: parts.length === 0 ? 'TRUE' : `(${parts.join(' AND ')})`,
    parameters: { ...(name !== undefined && { [`${parameter}_name`]: name }), ...(digest !== undefined && { [`${parameter}_digest`]: digest }) },
  };
}

/** What has no such metric, parameter or tag matches IS NULL alone, as with runs. */
function conditionOf(term: LoggedModelTerm, index: number, scope: Comparison): Comparison {
  const value = `filter_${index}`;
  if (term.by === 'column') {
    return comparisonSql(term.column === 'experiment_id' ? 'model.experiment_id::text' : `model.${term.column}`, term.comparator, term.value, value);
  }
  const key = `filter_key_${index}`;
  const compared = comparisonSql('fact.value', term.comparator, term.value, value);
  const more = term.by === 'metric' ? ` AND fact.value <> 'NaN' AND ${scope.sql}` : '';
  const { sql, parameters } = existsSql(`FROM ${tables[term.by]} fact WHERE fact.model_id = model.model_id AND fact.key = :${key}${more}`, term.comparator, compared);
  return { sql, parameters: { ...parameters, [key]: term.key } };
}

/** Keys are parameters of the statement, columns come from a closed list: nothing of the request becomes SQL. Of several runs' points the latest counts. */
function orderBy(query: SelectQueryBuilder<LoggedModelRow>, clause: LoggedModelOrder, index: number): void {
  const direction = clause.descending ? 'DESC' : 'ASC';
  if (clause.by === 'attribute') {
    query.addOrderBy(`model.${clause.column}`, direction, 'NULLS LAST');
    return;
  }
  const alias = `ordered_by_${index}`;
  const { sql, parameters } = datasetSql('fact', clause.dataset, alias);
  query
    .addSelect(
      `(SELECT nullif(fact.value, 'NaN') FROM ${tables.metric} fact WHERE fact.model_id = model.model_id AND fact.key = :${alias}_key AND ${sql}
        ORDER BY fact.timestamp_ms DESC, fact.step DESC, fact.run_id LIMIT 1)`,
      alias,
    )
    .setParameters({ ...query.getParameters(), ...parameters, [`${alias}_key`]: clause.key })
    .addOrderBy(alias, direction, 'NULLS LAST');
}
