import type { JsonObject } from '@cairn/kernel';
import type { Workbench, WrittenParquet } from '../engine/workbench.js';
import { describeTable } from '../shape/describe.js';
import { quoteIdentifier } from '../sql/quote.js';
import { anyViolated, planChecks, type ColumnRule, type RuleName } from './column-rule.js';

export interface RuleViolation {
  readonly column: string;
  readonly rule: RuleName;
  readonly count: number;
  /** The first offending rows in file order, each with its `file_row_number` (from 0). */
  readonly examples: readonly JsonObject[];
}

export interface RuleReport {
  readonly rowsChecked: number;
  /** Rows that violate at least one rule. */
  readonly rowsViolating: number;
  /** Only what was violated, in the order of the rules. */
  readonly violations: readonly RuleViolation[];
}

const BOUNDS = { maxRows: 10_000, maxBytes: 16_000_000 };

/** Counts every rule in one pass, then fetches the example rows by number. */
export async function checkRules(bench: Workbench, path: string, rules: readonly ColumnRule[], examples: number, signal?: AbortSignal): Promise<RuleReport> {
  const options = { ...BOUNDS, ...(signal !== undefined && { signal }) };
  const tables = { rows: { paths: [path], rowNumbers: true } };
  const { checks, params } = planChecks(rules, (await describeTable(bench, [path], signal)).columns);
  const counts = checks.map(({ violated }, index) => {
    const first = `min(file_row_number, ${Math.max(1, Math.trunc(examples))}) FILTER (WHERE ${violated}) AS first_${index}`;
    return `count(*) FILTER (WHERE ${violated}) AS count_${index}, ${first}`;
  });
  const violating = `count(*) FILTER (WHERE ${anyViolated(checks)}) AS violating`;
  const sql = `SELECT ${['count(*) AS checked', violating, ...counts].join(', ')} FROM rows`;
  const [summary = {}] = await bench.run(tables, [{ sql, params }], options);
  const numbers = checks.map((_, index) => {
    const first = summary[`first_${index}`];
    return examples > 0 && Array.isArray(first) ? first.map(Number) : [];
  });
  const wanted = [...new Set(numbers.flat())];
  const found = wanted.length === 0 ? [] : await bench.run(tables, [{ sql: `SELECT * FROM rows WHERE file_row_number IN (${wanted.join(', ')})` }], options);
  const byNumber = new Map(found.map((row) => [Number(row['file_row_number']), row]));
  return {
    rowsChecked: Number(summary['checked']),
    rowsViolating: Number(summary['violating']),
    violations: checks.flatMap(({ column, rule }, index) => {
      const count = Number(summary[`count_${index}`]);
      const rows = (numbers[index] ?? []).map((number) => byNumber.get(number)).filter((row) => row !== undefined);
      return count === 0 ? [] : [{ column, rule, count, examples: rows }];
    }),
  };
}

/** Writes the rows that violate no rule, in file order. */
export async function copyRowsHolding(
  bench: Workbench,
  path: string,
  rules: readonly ColumnRule[],
  rowNumberColumn: string | undefined,
  signal?: AbortSignal,
): Promise<WrittenParquet> {
  const { columns } = await describeTable(bench, [path], signal);
  const { checks, params } = planChecks(rules, columns);
  const list = columns.map(({ name }) => quoteIdentifier(name));
  if (rowNumberColumn !== undefined) list.push(`file_row_number AS ${quoteIdentifier(rowNumberColumn)}`);
  const select = `SELECT ${list.join(', ')} FROM rows WHERE NOT (${anyViolated(checks)}) ORDER BY file_row_number`;
  return await bench.write({ rows: { paths: [path], rowNumbers: true } }, [], select, params, signal);
}
