import type { Plain, tracking } from '@cairn/contracts';

type CriterionResult = Plain<tracking.CriterionResult>;
type Criterion = Plain<tracking.Criterion>;

const HELD: Readonly<Record<string, string>> = { '>=': 'is at least', '>': 'is above', '<=': 'is at most', '<': 'is below' };
const BROKEN: Readonly<Record<string, string>> = { '>=': 'is below', '>': 'is not above', '<=': 'is above', '<': 'is not below' };

/** What was compared, for a person: "auc 0.661 is below 0.68", with where the limit comes from when it is a margin over a baseline. */
export function criterionSentence({ criterion, verdict, observed, required }: CriterionResult): string {
  if (criterion === undefined) return 'a criterion without a definition';
  const { metric, comparison, baselineMetric } = criterion;
  if (observed === undefined) return `${metric} was not measured`;
  if (required === undefined) return `${metric} ${observed} can't be compared: ${baselineMetric} was not measured`;
  const [shown, limit] = readable(observed, required);
  const baseline = baselineOf(criterion);
  if (verdict === 'pass') return `${metric} ${shown} ${HELD[comparison] ?? comparison} ${limit}${baseline}`;
  if (verdict === 'fail') return `${metric} ${shown} ${BROKEN[comparison] ?? `is not ${comparison}`} ${limit}${baseline}`;
  return `${metric} ${shown} against ${limit}${baseline} is inconclusive${whyInconclusive(criterion, observed, required)}`;
}

/** In brackets behind the limit; empty for a threshold that stands for itself. */
function baselineOf({ baselineMetric, baseline: named, threshold }: Criterion): string {
  const margin = threshold < 0 ? `minus ${-threshold}` : `plus ${threshold}`;
  if (named !== undefined) return ` (${named.value} of ${ownerOf(named)}, ${margin})`;
  return baselineMetric === '' ? '' : ` (${baselineMetric} ${margin})`;
}

/** Whose value it is, as it was found when the criteria were declared. */
function ownerOf({ kind, runId, modelName, modelVersion, consideredRuns }: NonNullable<Criterion['baseline']>): string {
  if (kind === 'model_version') return `version ${modelVersion} of ${modelName}, made by run ${runId}`;
  if (kind === 'best_run') return `run ${runId}, the best of ${consideredRuns}`;
  return `run ${runId}`;
}

function whyInconclusive({ sampleMetric, minimumSample }: Criterion, observed: number, required: number): string {
  if (Number.isNaN(observed) || Number.isNaN(required)) return ': not a number';
  if (minimumSample > 0n) return `: ${sampleMetric} must be at least ${minimumSample}, or the run did not finish`;
  return ': the run did not finish';
}

/** Six digits, unless that hides the difference which decided. */
function readable(one: number, other: number): readonly [string, string] {
  const short = [one, other].map((value) => String(Number(value.toPrecision(6))));
  const [first = '', second = ''] = short[0] === short[1] ? [String(one), String(other)] : short;
  return [first, second];
}
