import { TabularError } from '../errors.js';

/** `name` → `"name"`. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** For the few places where the engine takes no parameter: paths of table functions and of COPY. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A validated expression, fit to stand anywhere. The line break ends a comment that the expression may close with. */
export function embed(expression: string): string {
  return `(${expression}\n)`;
}

/** A finite number as SQL text of type DOUBLE. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) throw new TabularError('INVALID_EXPRESSION', 'A default value must be a finite number.');
  return `CAST(${value} AS DOUBLE)`;
}
