import { invalidParameter } from '../mlflow-error.js';
import { FilterParser, type Comparator, type Condition } from './filter-parser.js';
import { filterLexer, tokens } from './filter-tokens.js';

const MAX_FILTER_LENGTH = 20_000;
/** Each condition is a subquery. */
const MAX_CONDITIONS = 50;
const SHOWN_LENGTH = 100;
const LIKE: readonly Comparator[] = ['LIKE', 'ILIKE'];
/** An odd number of backslashes at the end: PostgreSQL refuses such a pattern when it comes to a row. */
const OPEN_ESCAPE = /(?<!\\)(?:\\\\)*\\$/;

// Building a parser costs milliseconds; parsing with it is synchronous, so that one serves all.
const parser = new FilterParser();

/**
 * The conditions of one of MLflow's filter strings, all of which must hold; empty without a filter. Throws INVALID_PARAMETER_VALUE with the
 * words that MLflow's clients look for.
 */
export function parseFilter(text: string | undefined): readonly Condition[] {
  if (text === undefined || text.trim() === '') return [];
  if (text.length > MAX_FILTER_LENGTH) throw invalidParameter(`Invalid filter: it has ${text.length} characters, more than ${MAX_FILTER_LENGTH}.`);
  const lexed = filterLexer.tokenize(text);
  const [unreadable] = lexed.errors;
  if (unreadable !== undefined) throw invalid(text, text.slice(unreadable.offset));
  const or = lexed.tokens.find(({ tokenType }) => tokenType === tokens.or);
  if (or !== undefined) throw invalidParameter(`Invalid clause(s) in filter string: '${or.image}'. Conditions are joined by AND alone; ${shown(text)} was not applied.`);
  parser.input = lexed.tokens;
  const conditions = parser.filter();
  const [error] = parser.errors;
  if (error !== undefined) throw invalid(text, Number.isNaN(error.token.startOffset) ? '' : text.slice(error.token.startOffset));
  if (conditions.length > MAX_CONDITIONS) throw invalidParameter(`Invalid filter: it has ${conditions.length} conditions, more than ${MAX_CONDITIONS}.`);
  const halved = conditions.find(({ comparator, value }) => LIKE.includes(comparator) && typeof value === 'string' && OPEN_ESCAPE.test(value));
  if (halved !== undefined) throw invalidParameter(`Invalid filter: the pattern ${shown(String(halved.value))} ends with a backslash that escapes nothing. Write two for one.`);
  return conditions;
}

function invalid(text: string, rest: string): Error {
  const where = rest === '' ? 'it ends too early' : `it can not be understood from ${shown(rest)} on`;
  return invalidParameter(
    `Invalid clause(s) in filter string: ${shown(text)}: ${where}. Write conditions like metrics.auc > 0.7 AND params."my key" = 'value'.`,
  );
}

function shown(text: string): string {
  return `'${text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text}'`;
}
