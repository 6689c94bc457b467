import { invalidParameter, parseFilter } from '@cairn/mlflow';
import type { MetricView } from '../views/trace-metrics/metric-catalogue.js';
import type { MetricTerm } from '../views/trace-metrics/trace-metrics.query.js';

/** Whether what can be filtered by has a key of the caller's own: `trace.tag.<key>`, but `trace.status`. */
const entities: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  trace: { status: false, tag: true, metadata: true },
  span: { name: false, status: false, type: false },
  assessment: { name: false, type: false },
};

/**
 * A filter of MLflow's trace metrics (mlflow/utils/search_utils.py, SearchTraceMetricsUtils): one comparison with `=` each, e.g. `trace.tag.team = 'risk'`.
 * Throws INVALID_PARAMETER_VALUE in MLflow's words.
 */
export function convertMetricFilter(filter: string, view: MetricView): MetricTerm {
  const [condition, ...others] = parseFilter(filter);
  if (condition === undefined || others.length > 0) throw invalidParameter(`Invalid filter: '${filter.slice(0, 100)}'. Expected one filter clause.`);
  const { entity, comparator, value } = condition;
  const [name = '', ...parts] = condition.key.split('.');
  const key = parts.join('.');
  check(entity, name, key);
  if (comparator !== '=') throw invalidParameter(`Invalid comparator: '${comparator}', only '=' operator is supported`);
  if (typeof value !== 'string') throw invalidParameter(`Expected a quoted string value for ${name} value (e.g. 'my-value'). Got value ${String(value)}`);
  if (entity === 'span') {
    if (view !== 'SPANS') throw invalidParameter(`Filtering by span is only supported for SPANS view type, got ${view}`);
    return { of: 'span', column: name === 'status' ? 'status' : name === 'type' ? 'type' : 'name', value };
  }
  if (entity === 'assessment') {
    if (view !== 'ASSESSMENTS') throw invalidParameter(`Filtering by assessment is only supported for ASSESSMENTS view type, got ${view}`);
    return { of: 'assessment', column: name === 'type' ? 'kind' : 'name', value };
  }
  if (name === 'status') return { of: 'trace', term: { by: 'column', column: 'state', comparator, value } };
  if (name === 'tag') return { of: 'trace', term: { by: 'tag', key, comparator, value } };
  return { of: 'trace', term: key === 'mlflow.sourceRun' ? { by: 'run', comparator, value } : { by: 'metadata', key, comparator, value } };
}

function check(entity: string, name: string, key: string): void {
  const names = Object.hasOwn(entities, entity) ? entities[entity] : undefined;
  if (names === undefined) throw invalidParameter(`Invalid view type '${entity}'. Valid values are ${Object.keys(entities).join(', ')}`);
  if (!Object.hasOwn(names, name)) {
    throw invalidParameter(`Invalid entity '${name}' specified for view type '${entity}'. Valid entities are ${Object.keys(names).join(', ')}`);
  }
  if (names[name] === true && key === '') throw invalidParameter(`Filtering by ${name} requires a key, e.g. '${entity}.${name}.<key> = <value>'`);
  if (names[name] !== true && key !== '') throw invalidParameter(`Filtering by ${name} does not require a key, use '${entity}.${name}' instead`);
}
