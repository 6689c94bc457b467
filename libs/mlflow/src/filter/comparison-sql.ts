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
 * A term on what an entity has under a key of the caller's own: `rows` is `FROM … WHERE …` of these rows, `compared` what is demanded of one. What has none
 * never matches, not even `!=`, as with MLflow; IS NULL matches it alone.
 */
export function existsSql(rows: string, comparator: Comparator, compared: Comparison): Comparison {
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') return { sql: `${comparator === 'IS NULL' ? 'NOT ' : ''}EXISTS (SELECT ${rows})`, parameters: {} };
  return { sql: `EXISTS (SELECT ${rows} AND ${compared.sql})`, parameters: compared.parameters };
}

/**
 * A term on the rows of `table`: one of its columns, or a tag in its jsonb column `tags` of `[{"key": …, "value": …}]`.
 * `index` tells the parameters of several terms apart.
 */
export function termSql(table: string, term: FilterTerm<string, 'tag'>, index: number): Comparison {
  const name = `filter_${index}`;
  if ('column' in term) return comparisonSql(`${table}.${term.column}`, term.comparator, term.value, name);
  const compared = comparisonSql(`tag ->> 'value'`, term.comparator, term.value, name);
  const { sql, parameters } = existsSql(`FROM jsonb_array_elements(${table}.tags) tag WHERE tag ->> 'key' = :${name}_key`, term.comparator, compared);
  return { sql, parameters: { ...parameters, [`${name}_key`]: term.key } };
}
