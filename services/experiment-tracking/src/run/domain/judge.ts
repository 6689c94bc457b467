import type { Plain, tracking } from '@cairn/contracts';
import type { Criterion, MetricPoint } from './commands.js';

export type Verdict = 'pass' | 'fail' | 'inconclusive';
export type CriterionResult = Plain<tracking.CriterionResult>;
type Metrics = ReadonlyMap<string, MetricPoint>;

export interface Judgement {
  /** The worst of all results. */
  readonly verdict: Verdict;
  readonly results: readonly CriterionResult[];
}

/**
 * Compares the latest metrics of a run with the criteria that were in force when it started. What is missing, not a number
 * or measured on too small a sample is inconclusive. A run that did not end as FINISHED proves nothing: it can fail, not pass.
 */
export function judge(criteria: readonly Criterion[], metrics: Metrics, outcome: string): Judgement {
  const results = criteria.map((criterion) => judgeOne(criterion, metrics, outcome));
  const verdicts = results.map(({ verdict }) => verdict);
  if (verdicts.includes('fail')) return { verdict: 'fail', results };
  return { verdict: verdicts.length === 0 || verdicts.includes('inconclusive') ? 'inconclusive' : 'pass', results };
}

function judgeOne(criterion: Criterion, metrics: Metrics, outcome: string): CriterionResult {
  const observed = metrics.get(criterion.metric)?.value;
  const required = requiredBy(criterion, metrics);
  const measured = {
    criterion,
    ...(observed !== undefined && { observed }),
    ...(required !== undefined && { required }),
  };
  const comparable = observed !== undefined && required !== undefined && !Number.isNaN(observed) && !Number.isNaN(required);
  if (!comparable || !sampleSuffices(criterion, metrics)) return { ...measured, verdict: 'inconclusive' };
  if (!holds(observed, criterion.comparison, required)) return { ...measured, verdict: 'fail' };
  return { ...measured, verdict: outcome === 'FINISHED' ? 'pass' : 'inconclusive' };
}

/** A named baseline counts as it was found when the criteria were declared, whatever its run has logged since. */
function requiredBy({ baselineMetric, threshold, baseline: named }: Criterion, metrics: Metrics): number | undefined {
  if (named !== undefined) return named.value + threshold;
  if (baselineMetric === '') return threshold;
  const baseline = metrics.get(baselineMetric)?.value;
  return baseline === undefined ? undefined : baseline + threshold;
}

function sampleSuffices({ sampleMetric, minimumSample }: Criterion, metrics: Metrics): boolean {
  if (sampleMetric === '' || minimumSample === 0n) return true;
  const sample = metrics.get(sampleMetric)?.value;
  return sample !== undefined && sample >= Number(minimumSample);
}

function holds(observed: number, comparison: string, required: number): boolean {
  switch (comparison) {
    case '>=':
      return observed >= required;
    case '>':
      return observed > required;
    case '<=':
      return observed <= required;
    case '<':
      return observed < required;
    default:
      // An experiment declares no other comparison; should an old event hold one, it must not pass.
      return false;
  }
}
