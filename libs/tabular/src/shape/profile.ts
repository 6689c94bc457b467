import type { JsonObject, JsonValue } from '@cairn/kernel';
import type { Workbench } from '../engine/workbench.js';
import { quoteIdentifier } from '../sql/quote.js';
import { describeTable, type Column } from './describe.js';

export interface ColumnProfile {
  readonly name: string;
  readonly type: string;
  /** Rows with a value. */
  readonly count: number;
  readonly nulls: number;
  /** Approximate (HyperLogLog, a few per cent off). */
  readonly distinct: number;
  readonly min: JsonValue;
  readonly max: JsonValue;
  /** `null` where the column holds no numbers. Rounded to 9 significant digits, which no order of summation changes. */
  readonly mean: number | null;
  readonly stddev: number | null;
  /** Approximate (t-digest); empty where the column holds no numbers. */
  readonly quantiles: readonly { readonly q: number; readonly value: number }[];
  /** Most frequent values, most frequent first; empty where nearly every value is another. */
  readonly top: readonly { readonly value: JsonValue; readonly count: number }[];
}

export interface TableProfile {
  readonly rowCount: number;
  readonly columns: readonly ColumnProfile[];
}

const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
const TOP_VALUES = 10;
/** Above this many distinct values the most frequent ones say little, and counting them costs a hash table of that size. */
const TOP_DISTINCT_LIMIT = 10_000;
const BOUNDS = { maxRows: 100_000, maxBytes: 16_000_000 };

/** Statistics of every column in one pass over the file, and a second one over the columns that have frequent values. */
export async function profileTable(bench: Workbench, path: string, signal?: AbortSignal): Promise<TableProfile> {
  const options = { ...BOUNDS, ...(signal !== undefined && { signal }) };
  const tables = { rows: { paths: [path] } };
  const { columns } = await describeTable(bench, [path], signal);
  const list = columns.flatMap(statistics).join(', ');
  const [summary = {}] = await bench.run(tables, [{ sql: `SELECT count(*) AS row_count, ${list} FROM rows` }], options);
  const frequent = columns.map((column, index) => ({ column, index })).filter(({ index }) => Number(summary[`distinct_${index}`]) <= TOP_DISTINCT_LIMIT);
  const top = frequent.length === 0 ? [] : await bench.run(tables, [{ sql: frequent.map(topValues).join(' UNION ALL ') }], options);
  return { rowCount: Number(summary['row_count']), columns: columns.map((column, index) => columnProfile(column, index, summary, top)) };
}

function isNumber({ type }: Column): boolean {
  return /INT$|INTEGER$|^FLOAT$|^DOUBLE$|^DECIMAL/.test(type);
}

/** Nested values have no order that a profile could use. */
function isOrdered({ type }: Column): boolean {
  return !/\[|^(STRUCT|MAP|UNION|BLOB|JSON)/.test(type);
}

function statistics(column: Column, index: number): string[] {
  const name = quoteIdentifier(column.name);
  const common = [`count(${name}) AS count_${index}`, `approx_count_distinct(${name}) AS distinct_${index}`];
  if (isOrdered(column)) common.push(`min(${name}) AS min_${index}`, `max(${name}) AS max_${index}`);
  if (!isNumber(column)) return common;
  const quantiles = `approx_quantile(${name}::DOUBLE, [${QUANTILES.join(', ')}]) AS quantiles_${index}`;
  return [...common, `avg(${name}) AS mean_${index}`, `stddev_samp(${name}) AS stddev_${index}`, quantiles];
}

function topValues({ column, index }: { column: Column; index: number }): string {
  const name = quoteIdentifier(column.name);
  const counted = `SELECT ${name} AS value, count(*) AS n FROM rows WHERE ${name} IS NOT NULL GROUP BY 1 ORDER BY n DESC, value LIMIT ${TOP_VALUES}`;
  const json = isNumber(column) ? 'value::DOUBLE' : 'NULL';
  return `SELECT ${index} AS i, ${json} AS number, value::VARCHAR AS text, n FROM (${counted})`;
}

function columnProfile(column: Column, index: number, summary: JsonObject, top: readonly JsonObject[]): ColumnProfile {
  const count = Number(summary[`count_${index}`]);
  const quantiles = summary[`quantiles_${index}`];
  const values = top.filter((row) => row['i'] === index).map((row) => ({ value: row['number'] ?? row['text'] ?? null, count: Number(row['n']) }));
  return {
    name: column.name,
    type: column.type,
    count,
    nulls: Number(summary['row_count']) - count,
    distinct: Number(summary[`distinct_${index}`]),
    min: summary[`min_${index}`] ?? null,
    max: summary[`max_${index}`] ?? null,
    mean: rounded(summary[`mean_${index}`]),
    stddev: rounded(summary[`stddev_${index}`]),
    quantiles: Array.isArray(quantiles) ? QUANTILES.map((q, place) => ({ q, value: Number(quantiles[place]) })) : [],
    top: values.sort((a, b) => b.count - a.count),
  };
}

function rounded(value: JsonValue | undefined): number | null {
  return typeof value === 'number' ? Number(value.toPrecision(9)) : null;
}
