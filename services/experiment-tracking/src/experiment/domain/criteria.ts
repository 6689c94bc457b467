import type { Refusal } from '@cairn/kernel';
import type { Criterion, NamedBaseline } from './commands.js';
import { refuse, type Code } from './errors.js';
import { isOfSlice } from './slice.js';
import type { ExperimentEvent } from './state.js';

/** With names of at most 250 characters this keeps RunStarted, which carries the criteria, within the size of one event. */
const MAX_CRITERIA = 20;
const MAX_METRIC_LENGTH = 250;
const COMPARISONS: readonly string[] = ['>=', '>', '<=', '<'];
const BASELINES: readonly string[] = ['run', 'model_version', 'best_run'];

interface Declared {
  readonly experimentId: string;
  readonly criteriaVersion: number;
  readonly criteria: readonly Criterion[];
  readonly isLocked: boolean;
}

/** The next version, or nothing when the same is in force. */
export function declare(criteria: readonly Criterion[], { experimentId, criteriaVersion, criteria: inForce, isLocked }: Declared): readonly ExperimentEvent[] | Refusal<Code> {
  if (criteria.length === 0 || criteria.length > MAX_CRITERIA) {
    return refuse('INVALID_CRITERIA', `Declare 1 to ${MAX_CRITERIA} criteria; these are ${criteria.length}.`);
  }
  const wrong = criteria.map(whatIsWrong).find((problem) => problem !== undefined);
  if (wrong !== undefined) return refuse('INVALID_CRITERIA', wrong);
  if (sameCriteria(criteria, inForce)) return [];
  return [{ type: 'cairn.tracking.v1.CriteriaDeclared', data: { experimentId, version: criteriaVersion + 1, criteria, afterFirstRun: isLocked } }];
}

/** What comes with something else that was decided: all of it, or the refusal. */
export function withCriteria(events: readonly ExperimentEvent[], criteria: readonly Criterion[] | undefined, before: Declared): readonly ExperimentEvent[] | Refusal<Code> {
  if (criteria === undefined) return events;
  const declared = declare(criteria, before);
  return 'refused' in declared ? declared : [...events, ...declared];
}

function whatIsWrong({ metric, comparison, threshold, baselineMetric, sampleMetric, minimumSample, slice = '', baseline }: Criterion): string | undefined {
  if (metric === '') return 'A criterion needs a metric.';
  const names = [metric, baselineMetric, sampleMetric];
  if (names.some((name) => name.length > MAX_METRIC_LENGTH)) return `The name of a metric, with its slice, has at most ${MAX_METRIC_LENGTH} characters.`;
  if (names.some((name) => name !== '' && !isOfSlice(name, slice))) return `The metrics of ${metric} must be those of the slice ${slice}.`;
  if (!COMPARISONS.includes(comparison)) return `The comparison of ${metric} is "${comparison}"; it must be one of ${COMPARISONS.join(' ')}.`;
  if (!Number.isFinite(threshold)) return `The threshold of ${metric} must be a finite number.`;
  if (baselineMetric === metric) return `The baseline of ${metric} is itself.`;
  if (baseline !== undefined && baselineMetric !== '') return `${metric} has two baselines: name a metric of the same run or another run, not both.`;
  if (baseline !== undefined && !BASELINES.includes(baseline.kind)) return `The baseline of ${metric} must be a run, a model version or the best run.`;
  if (baseline !== undefined && !Number.isFinite(baseline.value)) {
    return `The baseline of ${metric}, in run ${baseline.runId}, is ${baseline.value}: choose a run that measured a number.`;
  }
  if (minimumSample < 0n) return `The minimum sample of ${metric} must not be negative.`;
  if (minimumSample > 0n && sampleMetric === '') return `The minimum sample of ${metric} needs a sample metric that counts it.`;
  return undefined;
}

function sameCriteria(some: readonly Criterion[], others: readonly Criterion[]): boolean {
  return some.length === others.length && some.every((one, index) => sameCriterion(one, others[index]));
}

function sameCriterion(one: Criterion, other: Criterion | undefined): boolean {
  return (
    other !== undefined &&
    one.metric === other.metric &&
    one.comparison === other.comparison &&
    one.threshold === other.threshold &&
    one.baselineMetric === other.baselineMetric &&
    one.sampleMetric === other.sampleMetric &&
    one.minimumSample === other.minimumSample &&
    (one.slice ?? '') === (other.slice ?? '') &&
    sameBaseline(one.baseline, other.baseline)
  );
}

/**
 * By what was named, not by what was found: a script that declares the same criteria each time it starts must not move its goal when a better run has finished
 * meanwhile. Whoever wants the newer run names it.
 */
function sameBaseline(one: NamedBaseline | undefined, other: NamedBaseline | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.kind !== other.kind) return false;
  if (one.kind === 'best_run') return true;
  return one.runId === other.runId && one.modelName === other.modelName && one.modelVersion === other.modelVersion;
}
