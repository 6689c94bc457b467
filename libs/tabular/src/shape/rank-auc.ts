import type { Workbench } from '../engine/workbench.js';
import { quoteIdentifier } from '../sql/quote.js';

/**
 * AUC of each column alone against a 0/1 label: the chance that a random positive row has the higher value, ties counting half (Mann-Whitney U).
 * Exact: counts are integers. `null` where the label has one class only. Rows without a value are left out.
 */
export async function rankAuc(
  bench: Workbench,
  path: string,
  label: string,
  columns: readonly string[],
  signal?: AbortSignal,
): Promise<Record<string, number | null>> {
  const auc: Record<string, number | null> = {};
  for (const column of columns) {
    const sql = `
      WITH counted AS (
        SELECT ${quoteIdentifier(column)} AS value,
               count(*) FILTER (WHERE ${quoteIdentifier(label)} = 1) AS positive,
               count(*) FILTER (WHERE ${quoteIdentifier(label)} = 0) AS negative
        FROM rows WHERE ${quoteIdentifier(column)} IS NOT NULL GROUP BY 1
      ), ranked AS (
        SELECT positive, negative, sum(negative) OVER (ORDER BY value ROWS UNBOUNDED PRECEDING) - negative AS below FROM counted
      )
      SELECT sum(positive::HUGEINT * (2 * below + negative))::DOUBLE / nullif(2.0 * sum(positive)::DOUBLE * sum(negative)::DOUBLE, 0) AS auc FROM ranked`;
    const [row] = await bench.run({ rows: { paths: [path] } }, [{ sql }], { maxRows: 1, maxBytes: 10_000, ...(signal !== undefined && { signal }) });
    const value = row?.['auc'];
    auc[column] = typeof value === 'number' ? value : null;
  }
  return auc;
}
