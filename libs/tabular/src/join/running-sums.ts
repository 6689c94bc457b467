import type { Step } from '../engine/protocol.js';
import { embed } from '../sql/quote.js';

/** An expression that a source's features aggregate. */
export interface Summand {
  readonly expression: string;
  /** Whether a feature needs its sum, not only its count. */
  readonly summed: boolean;
  /** Whether its values are whole numbers, so that there are no millionths to sum. */
  readonly whole: boolean;
}

const LARGEST_SAFE = Number.MAX_SAFE_INTEGER;

/*
 * Sums must be exact, or the order in which the engine's threads add would show in the last digits. Decimals are exact and slow (five times in a window
 * function), so a value counts as a decimal with six places, of which whole units (w) and millionths (m) are summed apart, as whole numbers that a
 * DOUBLE holds exactly up to 2^53. Counts (n) are such numbers anyway.
 */

/** SQL of the values of a row, of a moment's totals over its rows, and of the numbers that the running sums add. */
export function sumColumns(summands: readonly Summand[]): { values: string[]; totals: string[]; moments: string[] } {
  const value = ({ expression, summed }: Summand): string => (summed ? `CAST(${embed(expression)} AS DECIMAL(18, 6))` : embed(expression));
  return {
    values: summands.map((summand, index) => `${value(summand)} AS v${index}`),
    totals: summands.flatMap(({ summed }, index) => [`count(v${index}) AS n${index}`, ...(summed ? [`coalesce(sum(v${index}), 0) AS s${index}`] : [])]),
    moments: summands.flatMap(({ summed, whole }, index) => [
      `n${index}::DOUBLE AS n${index}`,
      ...(summed ? [`trunc(s${index})::DOUBLE AS w${index}`] : []),
      ...(summed && !whole ? [`((s${index} - trunc(s${index})) * 1000000)::DOUBLE AS m${index}`] : []),
    ]),
  };
}

/** Columns of the running sums, each ending in its name. */
export function running(summands: readonly Summand[]): string[] {
  const sum = (name: string): string => `sum(${name}) OVER earlier AS ${name}`;
  return summands.flatMap(({ summed, whole }, index) => [sum(`n${index}`), ...(summed ? [sum(`w${index}`)] : []), ...(summed && !whole ? [sum(`m${index}`)] : [])]);
}

/** Fails the request rather than answer with a sum that is no longer exact. */
export function assertSafeSums(table: string, summands: readonly Summand[]): Step[] {
  const sums = summands.flatMap(({ summed }, index) => (summed ? [`coalesce(sum(abs(w${index})), 0)`] : []));
  if (sums.length === 0) return [];
  return [{ sql: `SELECT CASE WHEN greatest(${sums.join(', ')}) > ${LARGEST_SAFE} THEN error('a running sum exceeds 2^53') END FROM ${table}` }];
}

/** SQL of the count and the sum between two moments. */
export function windowSum(summands: readonly Summand[], index: number, until: string, since: string): { count: string; sum: string } {
  const between = (name: string): string => `(${until}.${name}${index} - ${since}.${name}${index})`;
  const summand = summands[index];
  const sum = summand?.whole === true ? between('w') : `(${between('w')} + ${between('m')} / 1000000)`;
  return { count: between('n'), sum };
}
