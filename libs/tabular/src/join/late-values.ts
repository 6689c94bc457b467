import type { JsonObject } from '@cairn/kernel';
import type { Workbench } from '../engine/workbench.js';
import { resolveExpressions } from '../sql/resolve-expressions.js';
import { embed } from '../sql/quote.js';
import type { PredictedRows } from './join-spec.js';
import { predictedRowsParams, predictedRowsSql } from './predicted-rows.js';

/** A value taken from the predicted row, and when it becomes known. */
export interface TimedValue {
  readonly column: string;
  readonly expression: string;
  /** SQL expression over the predicted row. A row without one is late: its value never becomes known. */
  readonly knownTime: string;
}

export interface LateValues {
  readonly column: string;
  /** Predicted rows whose value becomes known at or after the moment of prediction. */
  readonly rowsLate: number;
  /** Largest time by which one came too late, seconds. */
  readonly worstSeconds: number;
  /** `source_row`, `prediction_time`, `known_time` and `value` of the first late rows. */
  readonly examples: readonly JsonObject[];
}

export interface LateReport {
  readonly rowsChecked: number;
  readonly values: readonly LateValues[];
}

/** Compares moments exactly, over every predicted row: how well a value predicts does not enter. */
export async function findLateValues(bench: Workbench, rows: PredictedRows, values: readonly TimedValue[], examples: number, signal?: AbortSignal): Promise<LateReport> {
  const options = { maxRows: 1_000, maxBytes: 4_000_000, ...(signal !== undefined && { signal }) };
  await resolveExpressions(bench, [rows.path], [
    { sql: rows.predictionTime, use: 'time' },
    ...values.flatMap(({ expression, knownTime }) => [{ sql: expression, use: 'any' as const }, { sql: knownTime, use: 'time' as const }]),
  ]);
  const columns = values.flatMap(({ expression, knownTime }, index) => [
    `${embed(expression)} AS v${index}`,
    `CAST(${embed(knownTime)} AS TIMESTAMP) AS known${index}`,
  ]);
  const summaries = values.map((_, index) => {
    const late = `(known${index} IS NULL OR known${index} >= prediction_time)`;
    const example = `{source_row: source_row, prediction_time: prediction_time, known_time: known${index}, value: v${index}}`;
    return [
      `count(*) FILTER (WHERE ${late}) AS late${index}`,
      `coalesce(max(epoch_us(known${index}) - epoch_us(prediction_time)) FILTER (WHERE ${late}), 0) / 1e6 AS worst${index}`,
      `min(${example}, ${Math.max(1, Math.trunc(examples))}) FILTER (WHERE ${late}) AS first${index}`,
    ].join(', ');
  });
  const sql = `SELECT ${['count(*) AS checked', ...summaries].join(', ')} FROM (${predictedRowsSql(rows, columns)})`;
  const [summary = {}] = await bench.run({ rows: { paths: [rows.path], rowNumbers: true } }, [{ sql, params: predictedRowsParams(rows) }], options);
  return {
    rowsChecked: Number(summary['checked']),
    values: values.map(({ column }, index) => ({
      column,
      rowsLate: Number(summary[`late${index}`]),
      worstSeconds: Number(summary[`worst${index}`]),
      examples: (summary[`first${index}`] ?? []) as JsonObject[],
    })),
  };
}
