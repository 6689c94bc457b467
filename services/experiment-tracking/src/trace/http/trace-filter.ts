import { invalidParameter, orderClause, parseFilter, wholeNumberComparison, type Comparator, type Condition } from '@cairn/mlflow';
import type { TraceColumn, TraceTerm } from '../views/trace-list/trace-condition.js';
import type { TraceOrder } from '../views/trace-list/trace-list.query.js';

const TEXT: readonly Comparator[] = ['=', '!=', 'IN', 'NOT IN', 'LIKE', 'ILIKE', 'RLIKE'];
const PAIR: readonly Comparator[] = ['=', '!=', 'LIKE', 'ILIKE', 'RLIKE', 'IS NULL', 'IS NOT NULL'];
const ASSESSMENT: readonly Comparator[] = ['=', '!=', '>', '>=', '<', '<=', 'LIKE', 'ILIKE', 'RLIKE', 'IS NULL', 'IS NOT NULL'];

const entities: Readonly<Record<string, 'attribute' | 'tag' | 'metadata' | 'span' | 'feedback' | 'expectation' | 'issue'>> = {
  '': 'attribute', attribute: 'attribute', attributes: 'attribute', trace: 'attribute', tag: 'tag', tags: 'tag', request_metadata: 'metadata', metadata: 'metadata',
  span: 'span', feedback: 'feedback', expectation: 'expectation', issue: 'issue',
};
const texts: Readonly<Record<string, TraceColumn>> = {
  request_id: 'trace_id', trace_id: 'trace_id', id: 'trace_id', status: 'state', state: 'state', client_request_id: 'client_request_id',
};
const numbers: Readonly<Record<string, TraceColumn>> = {
  timestamp: 'start_time_ms', timestamp_ms: 'start_time_ms', request_time: 'start_time_ms', execution_time: 'duration_ms', execution_time_ms: 'duration_ms',
  execution_duration: 'duration_ms', end_time: 'end_time_ms', end_time_ms: 'end_time_ms',
};
const NAME_TAG = 'mlflow.traceName';
const RUN_METADATA = 'mlflow.sourceRun';
const ATTRIBUTE_NAMES = [...Object.keys(texts), ...Object.keys(numbers), 'name', 'run_id', 'prompt', 'text'];
const ORDERS = 'timestamp_ms, execution_time_ms, status, name, run_id, tags.<key> or metadata.<key>';
const MAX_PATTERN_LENGTH = 1_000;

/** MLflow's grammar for traces (mlflow/utils/search_utils.py, SearchTraceUtils). Throws INVALID_PARAMETER_VALUE. */
export function convertTraceFilter(filter: string | undefined): readonly TraceTerm[] {
  return parseFilter(filter).map(termOf);
}

export function convertTraceOrder(clauses: readonly string[]): TraceOrder[] {
  return clauses.map((text) => {
    const { kind, key, descending } = orderClause(text);
    const entity = own(entities, kind);
    if (entity === 'tag' || entity === 'metadata') return { by: entity, key, descending };
    const name = key.toLowerCase();
    if (entity === 'attribute' && name === 'name') return { by: 'tag', key: NAME_TAG, descending };
    if (entity === 'attribute' && name === 'run_id') return { by: 'metadata', key: RUN_METADATA, descending };
    const column = entity === 'attribute' ? (own(numbers, name) ?? own(texts, name) ?? (name === 'experiment_id' ? 'experiment_id' : undefined)) : undefined;
    if (column === undefined) throw invalidParameter(`Invalid order_by clause '${text}': order by ${ORDERS}.`);
    return { by: 'column', column, descending };
  });
}

function termOf(condition: Condition): TraceTerm {
  const { entity, key, comparator, value } = condition;
  const compared = { comparator, value };
  if (comparator === 'RLIKE' && typeof value === 'string' && value.length > MAX_PATTERN_LENGTH) {
    throw invalidParameter(`An RLIKE pattern has at most ${MAX_PATTERN_LENGTH} characters.`);
  }
  switch (own(entities, entity)) {
    case 'attribute':
      return attributeTerm(condition);
    case 'tag':
      if (key === 'mlflow.linkedPrompts') return promptTerm(condition);
      demand(condition, PAIR, 'string');
      return { by: 'tag', key, ...compared };
    case 'metadata':
      demand(condition, PAIR, 'string');
      return key === RUN_METADATA && comparator === '=' ? { by: 'run', ...compared } : { by: 'metadata', key, ...compared };
    case 'span':
      return spanTerm(condition);
    case 'feedback':
    case 'expectation': {
      demand(condition, ASSESSMENT, ['>', '>=', '<', '<='].includes(comparator) ? 'number' : 'any');
      return { by: entity === 'feedback' ? 'feedback' : 'expectation', key, ...compared };
    }
    case 'issue':
      if (key !== 'id') throw invalidParameter(`Invalid issue attribute '${key}'. Supported attributes: id.`);
      demand(condition, ['='], 'string');
      return { by: 'issue', ...compared };
    default:
      throw invalidParameter(`Invalid entity type '${entity}'. Valid values are ${shown(Object.keys(entities).filter((name) => name !== ''))}.`);
  }
}

function attributeTerm(condition: Condition): TraceTerm {
  const { comparator, value } = condition;
  const key = condition.key.toLowerCase();
  const number = own(numbers, key);
  if (number !== undefined) {
    return { by: 'column', column: number, ...wholeNumberComparison(condition) };
  }
  if (key === 'prompt') return promptTerm(condition);
  if (key === 'text') {
    demand(condition, ['LIKE', 'ILIKE', 'RLIKE'], 'string');
    return { by: 'text', comparator, value };
  }
  const text = own(texts, key);
  if (text === undefined && key !== 'name' && key !== 'run_id') {
    throw invalidParameter(`Invalid attribute key '${condition.key}' specified. Valid keys are ${shown(ATTRIBUTE_NAMES)}.`);
  }
  demand(condition, TEXT, 'string');
  if (text !== undefined) return { by: 'column', column: text, comparator, value };
  return key === 'name' ? { by: 'tag', key: NAME_TAG, comparator, value } : { by: 'run', comparator, value };
}

function spanTerm(condition: Condition): TraceTerm {
  const { key, comparator, value } = condition;
  const [prefix, ...rest] = key.split('.');
  const attribute = rest.join('.');
  if (prefix === 'attributes') {
    if (attribute === '') throw invalidParameter("Span attribute name cannot be empty after 'attributes.'");
    demand(condition, TEXT, 'string');
    return { by: 'span-attribute', key: attribute, comparator, value };
  }
  if (key === 'content') {
    demand(condition, ['LIKE', 'ILIKE'], 'string');
    return { by: 'text', comparator, value };
  }
  if (key !== 'name' && key !== 'type' && key !== 'status') {
    throw invalidParameter(`Invalid span attribute '${key}'. Supported attributes: name, status, type, attributes.<attribute_name>.`);
  }
  demand(condition, TEXT, 'string');
  return { by: 'span', column: key, comparator, value };
}

function promptTerm(condition: Condition): TraceTerm {
  const { comparator, value } = condition;
  demand(condition, ['='], 'string');
  if (typeof value !== 'string' || value.split('/').length !== 2) {
    throw invalidParameter(`Invalid prompts filter value '${String(value)}'. Expected format: prompt = "name/version"`);
  }
  return { by: 'prompt', comparator, value };
}

function demand({ entity, key, comparator, value }: Condition, allowed: readonly Comparator[], type: 'number' | 'string' | 'any'): void {
  const name = entity === '' ? key : `${entity}.${key}`;
  if (!allowed.includes(comparator)) throw invalidParameter(`Invalid comparator '${comparator}' for ${name} not one of ${shown(allowed)}.`);
  for (const item of Array.isArray(value) ? value : [value]) {
    // PostgreSQL has no place for NUL, and half a surrogate pair is no text.
    if (typeof item === 'string' && /\0|\p{Surrogate}/u.test(item)) throw invalidParameter(`Invalid value for ${name}: it holds a character that is no text.`);
    if (type === 'string' && typeof item !== 'string') throw invalidParameter(`Expected a quoted string value for ${name} (e.g. 'my-value'). Got value ${item}.`);
    if (type === 'number' && typeof item !== 'number') throw invalidParameter(`Expected numeric value type for ${name}. Found '${item}': write the number without quotes.`);
  }
  if (/\0|\p{Surrogate}/u.test(key)) throw invalidParameter('Invalid filter: a key holds a character that is no text.');
}

/** Names come from a caller: `constructor` is no attribute. */
function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function shown(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}
