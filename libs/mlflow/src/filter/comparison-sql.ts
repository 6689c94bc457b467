import type { Comparator, FilterValue } from './filter-parser.js';
import type { FilterTerm } from './filter-terms.js';

export interface Comparison {
  /** A condition with named parameters, as TypeORM's query builders take it. */
  readonly sql: string;
  readonly parameters: Readonly<Record<string, FilterValue>>;
}

/**
 * Compares a column, which must come from a closed list, with a value, which never becomes part of the SQL. `name` is the parameter's.
 * LIKE tells upper and lower case apart, ILIKE does not; RLIKE is a regular expression of PostgreSQL, which refuses one that is none (SQLSTATE 2201B). An absent
 * value (NULL) matches nothing but IS NULL.
 */
export function comparisonSql(column: string, comparator: Comparator, value: FilterValue, name: string): Comparison {
  const parameters = { [name]: value };
  switch (comparator) {
    case 'IN':
    case 'NOT IN':
      return { sql: `${column} ${comparator} (:...${name})`, parameters };
    case 'RLIKE':
      return { sql: `${column} ~ :${name}`, parameters };
    case 'IS NULL':
    case 'IS NOT NULL':
      return { sql: `${column} ${comparator}`, parameters: {} };
    case '!=':
      return { sql: `${column} <> :${name}`, parameters };
    default:
      return { sql: `${column} ${comparator} :${name}`, parameters };
  }
}

/**
 * A term on the rows of `table`: one of its columns, or a tag in its jsonb column `tags` of `[{"key": …, "value": …}]`. What has no such tag never
 * matches, not even `!=`. `index` tells the parameters of several terms apart.
 */
export function termSql(table: string, term: FilterTerm<string, 'tag'>, index: number): Comparison {
  const name = `filter_${index}`;
  if ('column' in term) return comparisonSql(`${table}.${term.column}`, term.comparator, term.value, name);
  const compared = comparisonSql(`tag ->> 'value'`, term.comparator, term.value, name);
  const sql = `EXISTS (SELECT FROM jsonb_array_elements(${table}.tags) tag WHERE tag ->> 'key' = :${name}_key AND ${compared.sql})`;
  return { sql, parameters: { ...compared.parameters, [`${name}_key`]: term.key } };
}
