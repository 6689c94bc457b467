import type { Parameter } from '../engine/protocol.js';
import { embed } from '../sql/quote.js';
import type { PredictedRows } from './join-spec.js';

/**
 * SELECT of the predicted rows over the view `rows`: `source_row`, `prediction_time` and the given columns. Its parameters are `$from` and `$to`
 * where the rows are bounded.
 */
export function predictedRowsSql(rows: PredictedRows, columns: readonly string[]): string {
  const list = ['file_row_number AS source_row', `CAST(${embed(rows.predictionTime)} AS TIMESTAMP) AS prediction_time`, ...columns];
  const conditions = ['prediction_time IS NOT NULL'];
  if (rows.from !== undefined) conditions.push('prediction_time >= $from::VARCHAR::TIMESTAMPTZ::TIMESTAMP');
  if (rows.to !== undefined) conditions.push('prediction_time < $to::VARCHAR::TIMESTAMPTZ::TIMESTAMP');
  const every = Math.trunc(rows.sampleEvery ?? 1);
  if (every > 1) conditions.push(`${ROW_HASH} % ${every} = 0`);
  return `SELECT * FROM (SELECT ${list.join(', ')} FROM rows) WHERE ${conditions.join(' AND ')}`;
}

export function predictedRowsParams(rows: PredictedRows): Record<string, Parameter> {
  return { ...(rows.from !== undefined && { from: rows.from }), ...(rows.to !== undefined && { to: rows.to }) };
}

/** Knuth's multiplicative hash, upper 24 bits: written out, because the engine's own hash may change with its version, and the sample with it. */
const ROW_HASH = '(((source_row % 2147483648) * 2654435761) % 4294967296 // 256)';
