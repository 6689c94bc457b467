import { TabularError } from '../errors.js';
import type { Step } from '../engine/protocol.js';
import { doubleText, embed, quoteIdentifier } from '../sql/quote.js';
import type { PointInTimeJoinSpec, WindowFeature, WindowSource } from './join-spec.js';
import { assertSafeSums, running, sumColumns, windowSum, type Summand } from './running-sums.js';

/** Steps and SQL texts that turn window features into columns beside the temporary table `predicted`. */
export interface WindowPlan {
  readonly sources: readonly { readonly view: string; readonly paths: readonly string[] }[];
  /** Columns of the predicted rows that `predicted` must hold as j0, j1, … */
  readonly joinColumns: readonly string[];
  readonly steps: readonly Step[];
  readonly joins: readonly string[];
  /** SQL of each feature's value over `joins`. */
  readonly values: ReadonlyMap<WindowFeature, string>;
}

/**
 * A window's sum is the difference of two running sums: that of all rows known before t, less that of all rows known before t − window. Running sums are
 * made once per source, over moments at which several rows became known at once taken as one (so that no tie is left to the engine), and each is found by one
 * ASOF join with one inequality. The work is a sort per source and a merge per distinct window, whatever the number of rows in a window.
 */
export function planWindows(spec: PointInTimeJoinSpec, typeOf: (source: string, expression: string) => string): WindowPlan {
  const features = spec.features.filter((feature): feature is WindowFeature => feature.kind === 'window');
  const joinColumns = [...new Set(features.flatMap((feature) => feature.joinColumns))];
  const names = [...new Set(features.map((feature) => feature.source))];
  const steps: Step[] = [];
  const joins: string[] = [];
  const values = new Map<WindowFeature, string>();
  for (const [number, name] of names.entries()) {
    const source = sourceOf(spec, name);
    const own = features.filter((feature) => feature.source === name);
    for (const feature of own) assertFeature(feature, source);
    const summands = summandsOf(own, (expression) => typeOf(name, expression));
    steps.push(...runningSums(number, source, summands, Math.max(...own.map(({ windowSeconds }) => windowSeconds))));
    const moments = new Map<string, string>();
    const momentOf = (columns: readonly string[], seconds: number): string => {
      const key = JSON.stringify([columns, seconds]);
      const existing = moments.get(key);
      if (existing !== undefined) return existing;
      const table = `at${number}_${moments.size}`;
      moments.set(key, table);
      const indexes = columns.map((column) => joinColumns.indexOf(column));
      steps.push(sumsAt(table, number, summands, indexes, seconds));
      joins.push(`LEFT JOIN ${table} ON ${table}.source_row = p.source_row`);
      return table;
    };
    for (const feature of own) {
      const until = momentOf(feature.joinColumns, 0);
      const since = momentOf(feature.joinColumns, feature.windowSeconds);
      const index = summands.findIndex(({ expression }) => expression === feature.expression);
      values.set(feature, windowValue(feature, windowSum(summands, index, until, since)));
    }
  }
  return { sources: names.map((name, index) => ({ view: `source${index}`, paths: sourceOf(spec, name).paths })), joinColumns, steps, joins, values };
}

function summandsOf(features: readonly WindowFeature[], typeOf: (expression: string) => string): Summand[] {
  return [...new Set(features.map(({ expression }) => expression))].map((expression) => ({
    expression,
    summed: features.some((feature) => feature.expression === expression && feature.aggregation !== 'count'),
    whole: /INT|BOOLEAN/.test(typeOf(expression)),
  }));
}

/** Rows that no window can reach are left out before they cost anything. */
function runningSums(number: number, source: WindowSource, summands: readonly Summand[], longestSeconds: number): Step[] {
  const keyValues = source.keyColumns.length === 0 ? ['0 AS k0'] : source.keyColumns.map((column, index) => `${quoteIdentifier(column)} AS k${index}`);
  const keys = keyValues.map((_, index) => `k${index}`).join(', ');
  const { values, totals, moments } = sumColumns(summands);
  const rows = [...keyValues, `CAST(${embed(source.knownTime)} AS TIMESTAMP) AS known`, ...values];
  const reachable = `
    SELECT ${[keys, 'known', ...totals].join(', ')} FROM (SELECT ${rows.join(', ')} FROM source${number})
    WHERE known < (SELECT max(prediction_time) FROM predicted)
      AND known >= (SELECT min(prediction_time) FROM predicted) - to_seconds(${longestSeconds})
    GROUP BY ${keys}, known`;
  return [
    { sql: `CREATE TEMP TABLE moments${number} AS SELECT ${[keys, 'known', ...moments].join(', ')} FROM (${reachable})` },
    ...assertSafeSums(`moments${number}`, summands),
    {
      sql: `
        CREATE TEMP TABLE running${number} AS
        SELECT ${[keys, 'known', ...running(summands)].join(', ')} FROM moments${number}
        WINDOW earlier AS (PARTITION BY ${keys} ORDER BY known ROWS UNBOUNDED PRECEDING)`,
    },
    { sql: `DROP TABLE moments${number}` },
  ];
}

/** The running sums just before `seconds` before the moment of prediction. */
function sumsAt(table: string, number: number, summands: readonly Summand[], joinIndexes: readonly number[], seconds: number): Step {
  const keys = joinIndexes.length === 0 ? ['0 AS k0'] : joinIndexes.map((join, index) => `j${join} AS k${index}`);
  const equal = keys.map((_, index) => `p.k${index} = r.k${index}`).join(' AND ');
  const sums = running(summands).map((column) => column.slice(column.lastIndexOf(' ') + 1));
  return {
    sql: `
      CREATE TEMP TABLE ${table} AS
      SELECT p.source_row, ${sums.map((name) => `coalesce(r.${name}, 0) AS ${name}`).join(', ')}
      FROM (SELECT source_row, prediction_time - to_seconds(${seconds}) AS moment, ${keys.join(', ')} FROM predicted) AS p
      ASOF LEFT JOIN running${number} AS r ON ${equal} AND p.moment > r.known`,
  };
}

function windowValue(feature: WindowFeature, { count, sum }: { count: string; sum: string }): string {
  const value = { avg: `${sum} / ${count}`, sum, count }[feature.aggregation];
  return `CASE WHEN ${count} > 0 THEN ${value} ELSE ${doubleText(feature.defaultValue)} END`;
}

function sourceOf(spec: PointInTimeJoinSpec, name: string): WindowSource {
  const source = spec.sources[name];
  if (source === undefined) throw new TabularError('INVALID_EXPRESSION', `The join has no source called ${name}.`);
  return source;
}

function assertFeature(feature: WindowFeature, source: WindowSource): void {
  if (feature.joinColumns.length !== source.keyColumns.length) {
    throw new TabularError('INVALID_EXPRESSION', `Feature ${feature.column} joins ${feature.joinColumns.length} columns to ${source.keyColumns.length}.`);
  }
  if (!Number.isSafeInteger(feature.windowSeconds) || feature.windowSeconds <= 0) {
    throw new TabularError('INVALID_EXPRESSION', `Feature ${feature.column} needs a window of whole seconds above 0.`);
  }
}
