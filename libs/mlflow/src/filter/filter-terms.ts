import { invalidParameter } from '../mlflow-error.js';
import type { Comparator, Condition, FilterValue } from './filter-parser.js';

/** What can be searched for among runs, experiments, models or versions. */
export interface FilterRules<Column extends string, Keyed extends string> {
  /** Names of attributes that are texts, with the column of each. */
  readonly texts: Readonly<Record<string, Column>>;
  /** Of these, the ones that may be compared with a list. */
  readonly lists?: readonly string[];
  /** Names of attributes that are whole numbers, with the column of each. */
  readonly numbers?: Readonly<Record<string, Column>>;
  /** The greatest number, of either sign, that these columns hold; by default what a column of 64 bits and JavaScript both hold exactly. */
  readonly maxNumber?: number;
  /** Entities with keys of the caller's own, e.g. `metrics` and its older names; a metric's values are numbers, all others texts. */
  readonly keyed: Readonly<Record<string, Keyed>>;
  /** Keys that an entity has, where they are not the caller's own; its values may also be compared with a list. */
  readonly fixedKeys?: Readonly<Partial<Record<Keyed, readonly string[]>>>;
}

/** A condition that was checked against the rules: its comparator and value fit what it compares. */
export type FilterTerm<Column extends string, Keyed extends string> =
  | { readonly by: 'column'; readonly column: Column; readonly comparator: Comparator; readonly value: FilterValue }
  | { readonly by: Keyed; readonly key: string; readonly comparator: Comparator; readonly value: FilterValue };

const ATTRIBUTE_ENTITIES = new Set(['', 'attribute', 'attributes', 'attr', 'run']);
const NUMBER_COMPARATORS: readonly Comparator[] = ['>', '>=', '!=', '=', '<', '<='];
const TEXT_COMPARATORS: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE'];
/** What has keys of the caller's own may also have none. */
const KEYED_COMPARATORS: readonly Comparator[] = [...TEXT_COMPARATORS, 'IS NULL', 'IS NOT NULL'];
const LISTED_COMPARATORS: readonly Comparator[] = [...TEXT_COMPARATORS, 'IN', 'NOT IN'];

/** Throws INVALID_PARAMETER_VALUE for what can not be searched for, or not so. */
export function filterTerms<Column extends string, Keyed extends string>(
  conditions: readonly Condition[],
  rules: FilterRules<Column, Keyed>,
): FilterTerm<Column, Keyed>[] {
  return conditions.map((condition) => termOf(condition, rules));
}

function termOf<Column extends string, Keyed extends string>(condition: Condition, rules: FilterRules<Column, Keyed>): FilterTerm<Column, Keyed> {
  const { entity, key, comparator, value } = condition;
  const keyed = ownValue(rules.keyed, entity);
  if (keyed !== undefined) {
    const fixed = rules.fixedKeys?.[keyed];
    if (fixed?.includes(key) === false) throw invalidParameter(`Invalid key '${key}' of ${entity}. Valid keys are ${shownList(fixed)}.`);
    if (keyed === 'metric') demand(condition, NUMBER_COMPARATORS, 'number');
    else demand(condition, fixed === undefined ? KEYED_COMPARATORS : LISTED_COMPARATORS, 'string');
    return { by: keyed, key, comparator, value };
  }
  if (!ATTRIBUTE_ENTITIES.has(entity)) {
    throw invalidParameter(`Invalid entity type '${entity}'. Valid entity types are ${shownList(['attributes', ...Object.keys(rules.keyed)])}.`);
  }
  const number = ownValue(rules.numbers ?? {}, key);
  if (number !== undefined) {
    return { by: 'column', column: number, ...wholeNumberComparison(condition, rules.maxNumber) };
  }
  const text = ownValue(rules.texts, key);
  if (text === undefined) {
    throw invalidParameter(`Invalid attribute key '${key}' specified. Valid keys are ${shownList([...Object.keys(rules.texts), ...Object.keys(rules.numbers ?? {})])}.`);
  }
  demand(condition, rules.lists?.includes(key) ? LISTED_COMPARATORS : TEXT_COMPARATORS, 'string');
  return { by: 'column', column: text, comparator, value };
}

function demand(condition: Condition, allowed: readonly Comparator[], type: 'number' | 'string'): void {
  const { comparator, value } = condition;
  const name = shownName(condition);
  if (!allowed.includes(comparator)) throw invalidParameter(`Invalid comparator '${comparator}' for ${name} not one of ${shownList(allowed)}.`);
  const values = Array.isArray(value) ? value : [value];
  const stranger = values.find((item) => typeof item !== type);
  if (stranger === undefined) return;
  throw invalidParameter(
    type === 'string'
      ? `Expected a quoted string value for ${name} (e.g. 'my-value'). Got value ${stranger}.`
      : `Expected numeric value type for ${name}. Found '${stranger}': write the number without quotes.`,
  );
}

/**
 * Comparator and value for a column of whole numbers: a bound between two of them becomes the one that selects the same. Throws INVALID_PARAMETER_VALUE for
 * what is no number, equals none, or is beyond what such a column holds: the database would refuse to compare with it.
 */
export function wholeNumberComparison(condition: Condition, maxNumber = Number.MAX_SAFE_INTEGER): { readonly comparator: Comparator; readonly value: number } {
  demand(condition, NUMBER_COMPARATORS, 'number');
  const { comparator, value } = condition;
  const asked = Number(value);
  const whole = comparator === '>' || comparator === '<=' ? Math.floor(asked) : comparator === '<' || comparator === '>=' ? Math.ceil(asked) : asked;
  if (Number.isInteger(whole) && Math.abs(whole) <= maxNumber) return { comparator, value: whole };
  throw invalidParameter(`Invalid value ${asked} for ${shownName(condition)}: write a whole number between -${maxNumber} and ${maxNumber}.`);
}

/** Keys come from a caller: `constructor` is no attribute. */
function ownValue<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function shownName({ entity, key }: Condition): string {
  return entity === '' ? key : `${entity}.${key}`;
}

function shownList(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
