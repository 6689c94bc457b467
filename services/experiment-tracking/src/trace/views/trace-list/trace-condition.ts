import { comparisonSql, type Comparator, type Comparison, type FilterValue } from '@cairn/mlflow';

/** Columns of a trace that it can be searched and ordered by; the end is computed. */
export type TraceColumn = 'trace_id' | 'start_time_ms' | 'duration_ms' | 'end_time_ms' | 'state' | 'client_request_id' | 'experiment_id';
type Compared = { readonly comparator: Comparator; readonly value: FilterValue };

/** A condition on a trace that was checked. */
export type TraceTerm = Compared &
  (
    | { readonly by: 'column'; readonly column: TraceColumn }
    | { readonly by: 'tag' | 'metadata'; readonly key: string }
    | { readonly by: 'run' | 'prompt' | 'text' }
    | { readonly by: 'span'; readonly column: 'name' | 'type' | 'status' }
    | { readonly by: 'span-attribute'; readonly key: string }
    | { readonly by: 'feedback' | 'expectation'; readonly key: string }
    | { readonly by: 'issue' }
  );

const SAME_TRACE = 'workspace = trace.workspace AND $alias.trace_id = trace.trace_id';
const columns: Readonly<Record<TraceColumn, string>> = {
  trace_id: 'trace.trace_id',
  start_time_ms: 'trace.start_time_ms',
  duration_ms: 'trace.duration_ms',
  end_time_ms: 'trace.start_time_ms + coalesce(trace.duration_ms, 0)',
  state: 'trace.state',
  client_request_id: `nullif(trace.client_request_id, '')`,
  experiment_id: 'trace.experiment_id',
};
const NUMERIC: readonly Comparator[] = ['>', '>=', '<', '<='];

export function columnSql(column: TraceColumn): string {
  return columns[column];
}

/**
 * A condition on `trace`. What has no such tag, metadata or span never matches, not even `!=`. A run is found by the metadata of the trace or by a link. An
 * assessment counts while it is valid; its value compares as JSON, texts also without their quotes.
 */
export function traceCondition(term: TraceTerm, index: number): Comparison {
  const value = `filter_${index}`;
  const key = `filter_key_${index}`;
  const compared = (column: string): Comparison => comparisonSql(column, term.comparator, term.value, value);
  switch (term.by) {
    case 'column': {
      return compared(columnSql(term.column));
    }
    case 'tag':
    case 'metadata':
      return keyed(compared(`(trace.${term.by === 'tag' ? 'tags' : 'metadata'} ->> :${key})`), key, term.key);
    case 'run': {
      const own = compared(`(trace.metadata ->> 'mlflow.sourceRun')`);
      return { ...own, sql: `(${own.sql} OR ${exists('trace_link', 'link', `link.kind = 'run' AND ${compared('link.target').sql}`)})` };
    }
    case 'prompt': {
      const linked = compared('link.target');
      return { ...linked, sql: exists('trace_link', 'link', `link.kind = 'prompt' AND ${linked.sql}`) };
    }
    case 'text': {
      const named = compared('span.name');
      const said = `EXISTS (SELECT FROM jsonb_each_text(span.attributes) AS said (key, value) WHERE ${compared('said.value').sql} OR ${compared('said.key').sql})`;
      return { ...named, sql: exists('span', 'span', `(${named.sql} OR ${said})`) };
    }
    case 'span': {
      const own = compared(`span.${term.column}`);
      return { ...own, sql: exists('span', 'span', own.sql) };
    }
    case 'span-attribute': {
      const own = keyed(compared(`(span.attributes ->> :${key})`), key, term.key);
      return { ...own, sql: exists('span', 'span', own.sql) };
    }
    case 'issue': {
      const own = compared('assessment.name');
      return { ...own, sql: exists('trace_assessment', 'assessment', `assessment.kind = 'issue' AND ${own.sql}`) };
    }
    default:
      return assessed(term, { value, key });
  }
}

function assessed(term: Extract<TraceTerm, { by: 'feedback' | 'expectation' }>, { value, key }: { value: string; key: string }): Comparison {
  const named = `assessment.kind = '${term.by}' AND assessment.name = :${key} AND assessment.valid`;
  const { comparator } = term;
  if (comparator === 'IS NULL' || comparator === 'IS NOT NULL') {
    return { sql: `${comparator === 'IS NULL' ? 'NOT ' : ''}${exists('trace_assessment', 'assessment', named)}`, parameters: { [key]: term.key } };
  }
  const json = `(assessment.value::jsonb -> 'value')`;
  if (NUMERIC.includes(comparator)) {
    // CASE keeps the cast away from what is no number.
    const number = `CASE WHEN jsonb_typeof${json} = 'number' THEN (assessment.value::jsonb ->> 'value')::numeric END`;
    const compared = comparisonSql(number, comparator, term.value, value);
    return keyed({ ...compared, sql: exists('trace_assessment', 'assessment', `${named} AND ${compared.sql}`) }, key, term.key);
  }
  const compared = comparisonSql(`(assessment.value::jsonb ->> 'value')`, comparator, typeof term.value === 'number' ? String(term.value) : term.value, value);
  return keyed({ ...compared, sql: exists('trace_assessment', 'assessment', `${named} AND ${compared.sql}`) }, key, term.key);
}

function keyed({ sql, parameters }: Comparison, name: string, key: string): Comparison {
  return { sql, parameters: { ...parameters, [name]: key } };
}

function exists(table: string, alias: string, condition: string): string {
  return `EXISTS (SELECT FROM ${table} ${alias} WHERE ${alias}.${SAME_TRACE.replace('$alias', alias)} AND ${condition})`;
}
