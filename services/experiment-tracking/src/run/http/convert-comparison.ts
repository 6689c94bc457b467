import { convertDouble } from '../../mlflow/double.js';
import type { Param } from '../domain/commands.js';
import { compareParams } from '../domain/comparison.js';
import type { RunWithFacts } from '../views/run-list/run-list.query.js';

const COMMIT = 'mlflow.source.git.commit';

/** Values are lists in the order of the runs, null where a run has none. */
export function convertComparison(runs: readonly RunWithFacts[]) {
  const params = compareParams(runs.map(({ run, params: some }) => ({ runId: run.runId, params: some })));
  return {
    runs: runs.map(({ run }) => ({ run_id: run.runId, experiment_id: run.experimentId, name: run.name, status: run.status, verdict: run.verdict })),
    // What nobody chose, first of all.
    warnings: params.filter(({ difference }) => difference === 'default_changed').map(({ sentence }) => sentence),
    params: params.map(({ values, ...rest }) => ({ ...rest, values: values.map((value) => (value === null ? null : paramJson(value))) })),
    metrics: metricsOf(runs),
    datasets: datasetsOf(runs),
    code: codeOf(runs),
  };
}

function paramJson({ value, origin, library, libraryVersion }: Param) {
  return { value, origin, ...(origin === 'default' && { library, library_version: libraryVersion }) };
}

function metricsOf(runs: readonly RunWithFacts[]) {
  const byRun = runs.map(({ metrics }) => new Map(metrics.map(({ key, value }) => [key, convertDouble(value)])));
  return sorted(byRun.flatMap((metrics) => [...metrics.keys()])).map((key) => ({ key, values: byRun.map((metrics) => metrics.get(key) ?? null) }));
}

/** The same data is the same digest in the same role, whatever it is called. */
function datasetsOf(runs: readonly RunWithFacts[]) {
  const found = new Map(runs.flatMap(({ inputs }) => inputs.map(({ name, digest, context }) => [`${context}\n${digest}\n${name}`, { name, digest, context }])));
  return [...found.values()].map(({ name, digest, context }) => {
    const used = runs.map(({ inputs }) => inputs.some((input) => input.digest === digest && input.context === context));
    return { name, digest, context, same: used.every(Boolean), used };
  });
}

/** Unknown in two runs is not the same. */
function codeOf(runs: readonly RunWithFacts[]) {
  const values = runs.map(({ tags }) => tags.find(({ key }) => key === COMMIT)?.value ?? null);
  return { same: !values.includes(null) && new Set(values).size === 1, values };
}

function sorted(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort();
}
