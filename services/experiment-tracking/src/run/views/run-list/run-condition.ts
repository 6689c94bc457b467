import { comparisonSql, existsSql, type Comparison, type FilterTerm } from '@cairn/mlflow';

/** What runs can be selected by. */
export type RunTerm = FilterTerm<'run_id' | 'name' | 'status' | 'user_name' | 'artifact_uri' | 'start_time_ms' | 'end_time_ms', 'metric' | 'param' | 'tag' | 'dataset'>;

const tables = { metric: 'latest_metric', param: 'param', tag: 'tag' } as const;
/** As MLflow's clients see it; it is nowhere stored. */
const ARTIFACT_URI = `'mlflow-artifacts:/' || run.experiment_id || '/' || run.run_id || '/artifacts'`;
const datasetColumns: Readonly<Record<string, string>> = { name: 'input.name', digest: 'input.digest', context: 'input.context' };

/** Whether the facts of runs are looked up for each run, or the indexes of values may tell which runs have them. */
export type FoundBy = 'one by one' | 'by value';

/**
 * A condition on `run`. What has no such metric, parameter or tag matches IS NULL alone, not even `!=`, as with MLflow. A metric counts with its last value;
 * NaN compares with nothing, where MLflow takes it for 0.
 */
export function runCondition(term: RunTerm, index: number, found: FoundBy): Comparison {
  const value = `filter_${index}`;
  switch (term.by) {
    case 'column':
      return comparisonSql(term.column === 'artifact_uri' ? ARTIFACT_URI : `run.${term.column}`, term.comparator, term.value, value);
    case 'dataset': {
      const compared = comparisonSql(datasetColumns[term.key] ?? 'NULL', term.comparator, term.value, value);
      return { ...compared, sql: `EXISTS (SELECT FROM run_input input WHERE input.run_id = run.run_id AND ${compared.sql})` };
    }
    default: {
      const key = `filter_key_${index}`;
      const exactly = comparisonSql('fact.value', term.comparator, term.value, value);
      const byValue = found === 'by value';
      const beginning = byValue && term.by === 'param' && term.comparator === '=' ? `left(fact.value, 100) = left(:${value}::text, 100) AND ` : '';
      const compared = { ...exactly, sql: `${beginning}${exactly.sql}` };
      const number = term.by === 'metric' ? ` AND fact.value < 'NaN'${byValue ? ' AND fact.experiment_id = run.experiment_id' : ''}` : '';
      const { sql, parameters } = existsSql(`FROM ${tables[term.by]} fact WHERE fact.run_id = run.run_id AND fact.key = :${key}${number}`, term.comparator, compared);
      return { sql, parameters: { ...parameters, [key]: term.key } };
    }
  }
}
