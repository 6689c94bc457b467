import { TabularError } from '../errors.js';
import type { Column } from '../shape/describe.js';
import { quoteIdentifier } from '../sql/quote.js';
import type { Parameter } from '../engine/protocol.js';

/** What must hold for every value of a column. A missing value violates `required` and nothing else. */
export interface ColumnRule {
  readonly column: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** RE2 regular expression that the text must match as a whole. */
  readonly pattern?: string;
  readonly required?: boolean;
}

export type RuleName = 'minimum' | 'maximum' | 'pattern' | 'required';

/** One condition that a row may violate, as SQL over bound parameters. */
export interface Check {
  readonly column: string;
  readonly rule: RuleName;
  /** True where the row violates; never null. */
  readonly violated: string;
}

/** Rules to conditions; `params` are bound to `$1`, `$2`, … in order. UNKNOWN_COLUMN where the file lacks one. */
export function planChecks(rules: readonly ColumnRule[], columns: readonly Column[]): { checks: Check[]; params: Parameter[] } {
  const params: Parameter[] = [];
  const bound = (value: Parameter): string => `$${params.push(value)}`;
  const known = new Set(columns.map(({ name }) => name));
  const checks = rules.flatMap((rule): Check[] => {
    if (!known.has(rule.column)) throw new TabularError('UNKNOWN_COLUMN', `A rule is about column ${rule.column}, which the data does not have.`);
    const name = quoteIdentifier(rule.column);
    const conditions: [RuleName, string | undefined][] = [
      ['required', rule.required === true ? `${name} IS NULL` : undefined],
      ['minimum', rule.minimum === undefined ? undefined : `coalesce(${name} < ${bound(rule.minimum)}, false)`],
      ['maximum', rule.maximum === undefined ? undefined : `coalesce(${name} > ${bound(rule.maximum)}, false)`],
      ['pattern', rule.pattern === undefined ? undefined : `coalesce(NOT regexp_full_match(${name}::VARCHAR, ${bound(rule.pattern)}::VARCHAR), false)`],
    ];
    return conditions.flatMap(([name_, violated]) => (violated === undefined ? [] : [{ column: rule.column, rule: name_, violated }]));
  });
  return { checks, params };
}

/** True for a row that violates any check. */
export function anyViolated(checks: readonly Check[]): string {
  return checks.length === 0 ? 'false' : checks.map(({ violated }) => `(${violated})`).join(' OR ');
}
