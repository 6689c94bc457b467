import type { Step } from '../engine/protocol.js';
import type { InputTables, Workbench, WrittenParquet } from '../engine/workbench.js';
import { TabularError } from '../errors.js';
import { resolveExpressions, type UserExpression } from '../sql/resolve-expressions.js';
import { doubleText, embed, quoteIdentifier } from '../sql/quote.js';
import type { PointInTimeJoinSpec, RowFeature, WindowFeature } from './join-spec.js';
import { predictedRowsParams, predictedRowsSql } from './predicted-rows.js';
import { planWindows } from './window-plan.js';

/** Every step runs on one connection; its temporary tables go with it. */
export async function pointInTimeJoin(bench: Workbench, spec: PointInTimeJoinSpec, signal?: AbortSignal): Promise<WrittenParquet> {
  assertColumns(spec);
  await assertRowExpressions(bench, spec);
  const types = await sourceTypes(bench, spec);
  const windows = planWindows(spec, (source, expression) => types.get(source)?.get(expression) ?? '');
  const tables: InputTables = {
    rows: { paths: [spec.rows.path], rowNumbers: true },
    ...Object.fromEntries(windows.sources.map(({ view, paths }) => [view, { paths }])),
  };
  const columns = [
    ...spec.features.flatMap((feature, index) => (feature.kind === 'row' ? [`CAST(${embed(feature.expression)} AS DOUBLE) AS f${index}`] : [])),
    ...(spec.carry ?? []).map(({ expression }, index) => `${embed(expression)} AS carried${index}`),
    ...windows.joinColumns.map((column, index) => `${quoteIdentifier(column)} AS j${index}`),
  ];
  const required = (spec.carry ?? []).flatMap((carried, index) => (carried.required === true ? [`carried${index} IS NOT NULL`] : []));
  const predicted: Step = {
    sql: `CREATE TEMP TABLE predicted AS SELECT * FROM (${predictedRowsSql(spec.rows, columns)}) WHERE ${['true', ...required].join(' AND ')}`,
    params: predictedRowsParams(spec.rows),
  };
  return await bench.write(tables, [predicted, ...windows.steps], finalSelect(spec, windows.joins, windows.values), undefined, signal);
}

function finalSelect(spec: PointInTimeJoinSpec, joins: readonly string[], windowValues: ReadonlyMap<WindowFeature, string>): string {
  const value = (feature: WindowFeature | RowFeature, index: number): string =>
    feature.kind === 'row' ? `coalesce(p.f${index}, ${doubleText(feature.defaultValue)})` : `${windowValues.get(feature)}`;
  const list = [
    ...spec.features.map((feature, index) => `${value(feature, index)} AS ${quoteIdentifier(feature.column)}`),
    ...(spec.carry ?? []).map(({ column }, index) => `p.carried${index} AS ${quoteIdentifier(column)}`),
    'p.prediction_time',
    'p.source_row',
  ];
  return `SELECT ${list.join(', ')} FROM predicted AS p ${joins.join(' ')} ORDER BY p.source_row`;
}

function assertColumns(spec: PointInTimeJoinSpec): void {
  const names = [...spec.features, ...(spec.carry ?? [])].map(({ column }) => column).concat('prediction_time', 'source_row');
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name.toLowerCase())) throw new TabularError('INVALID_EXPRESSION', `Two columns of the join are called ${name}.`);
    seen.add(name.toLowerCase());
  }
}

async function assertRowExpressions(bench: Workbench, spec: PointInTimeJoinSpec): Promise<void> {
  const expressions: UserExpression[] = [{ sql: spec.rows.predictionTime, use: 'time' }];
  for (const feature of spec.features) {
    if (feature.kind === 'row') expressions.push({ sql: feature.expression, use: 'number' });
    else expressions.push(...feature.joinColumns.map(bareColumn));
  }
  expressions.push(...(spec.carry ?? []).map(({ expression }) => ({ sql: expression, use: 'any' as const })));
  await resolveExpressions(bench, [spec.rows.path], expressions);
}

/** SQL type of every aggregated expression, by source. */
async function sourceTypes(bench: Workbench, spec: PointInTimeJoinSpec): Promise<Map<string, Map<string, string>>> {
  const types = new Map<string, Map<string, string>>();
  for (const [name, source] of Object.entries(spec.sources)) {
    const features = spec.features.filter((feature): feature is WindowFeature => feature.kind === 'window' && feature.source === name);
    if (features.length === 0) continue;
    const aggregated = features.map(({ expression, aggregation }) => ({ sql: expression, use: aggregation === 'count' ? ('any' as const) : ('number' as const) }));
    const others: UserExpression[] = [{ sql: source.knownTime, use: 'time' }, ...source.keyColumns.map(bareColumn)];
    const resolved = await resolveExpressions(bench, source.paths, [...aggregated, ...others]);
    types.set(name, new Map(aggregated.map(({ sql }, index) => [sql, resolved[index] ?? ''])));
  }
  return types;
}

function bareColumn(name: string): UserExpression {
  return { sql: quoteIdentifier(name), use: 'any' };
}
