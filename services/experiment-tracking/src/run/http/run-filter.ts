import { filterTerms, parseFilter, type FilterRules } from '@cairn/mlflow';
import type { RunTerm } from '../views/run-list/run-condition.js';

const rules: FilterRules<Extract<RunTerm, { by: 'column' }>['column'], 'metric' | 'param' | 'tag' | 'dataset'> = {
  texts: { run_id: 'run_id', run_name: 'name', 'run name': 'name', 'Run name': 'name', status: 'status', user_id: 'user_name', artifact_uri: 'artifact_uri' },
  lists: ['run_id'],
  numbers: { start_time: 'start_time_ms', created: 'start_time_ms', Created: 'start_time_ms', end_time: 'end_time_ms' },
  keyed: {
    metrics: 'metric', metric: 'metric', params: 'param', param: 'param', parameters: 'param', parameter: 'param', tags: 'tag', tag: 'tag',
    datasets: 'dataset', dataset: 'dataset',
  },
  fixedKeys: { dataset: ['name', 'digest', 'context'] },
};

/** MLflow's grammar for runs. Throws INVALID_PARAMETER_VALUE. */
export function convertRunFilter(filter: string | undefined): readonly RunTerm[] {
  return filterTerms(parseFilter(filter), rules);
}
