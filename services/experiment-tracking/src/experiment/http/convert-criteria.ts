import { decodeEvent, type EventOf, type tracking } from '@cairn/contracts';
import { DomainError, type JsonObject } from '@cairn/kernel';
import type { Criterion, NamedBaseline } from '../domain/commands.js';
import { sliceKey, withoutSlice } from '../domain/slice.js';
import type { CriteriaRow } from '../views/criteria-history/criteria.entity.js';
import type { BaselineDto, CriterionDto } from './declare-criteria.dto.js';

/** The run that a criterion is to be compared with, before it is found. */
export type AskedBaseline =
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'model_version'; readonly name: string; readonly version: number }
  | { readonly kind: 'best_run' };

export interface AskedCriterion {
  readonly criterion: Criterion;
  readonly baseline?: AskedBaseline;
}

/** Throws DomainError INVALID_CRITERIA when a baseline names none or several. */
export function convertCriterion(dto: CriterionDto): AskedCriterion {
  const { slice } = dto;
  const criterion = {
    metric: sliceKey(dto.metric, slice),
    comparison: dto.comparison,
    threshold: dto.threshold,
    baselineMetric: sliceKey(dto.baseline_metric, slice),
    sampleMetric: sliceKey(dto.sample_metric, slice),
    minimumSample: BigInt(dto.minimum_sample),
    ...(slice !== '' && { slice }),
  };
  return { criterion, ...(dto.baseline !== undefined && { baseline: convertBaseline(dto.baseline) }) };
}

function convertBaseline({ run_id, model, version, best_run }: BaselineDto): AskedBaseline {
  const asked: AskedBaseline[] = [];
  if (run_id !== undefined) asked.push({ kind: 'run', runId: run_id });
  if (model !== undefined && version !== undefined) asked.push({ kind: 'model_version', name: model, version });
  if (best_run === true) asked.push({ kind: 'best_run' });
  const [only, another] = asked;
  if (only === undefined || another !== undefined || (model === undefined) !== (version === undefined)) {
    throw new DomainError('INVALID_CRITERIA', 'A baseline is one of {"run_id": …}, {"model": …, "version": …} or {"best_run": true}.', 'invalid');
  }
  return only;
}

/** A criterion as our own API shows it; what does not apply is left out. */
export function criterionJson({ metric, comparison, threshold, baselineMetric, sampleMetric, minimumSample, slice = '', baseline }: Criterion) {
  return {
    metric: withoutSlice(metric, slice),
    comparison,
    threshold,
    ...(slice !== '' && { slice }),
    ...(baselineMetric !== '' && { baseline_metric: withoutSlice(baselineMetric, slice) }),
    ...(baseline !== undefined && { baseline: baselineJson(baseline) }),
    ...(sampleMetric !== '' && { sample_metric: withoutSlice(sampleMetric, slice), minimum_sample: Number(minimumSample) }),
  };
}

function baselineJson({ kind, runId, value, modelName, modelVersion, consideredRuns }: NamedBaseline) {
  return {
    kind,
    run_id: runId,
    value,
    ...(kind === 'model_version' && { model: modelName, version: modelVersion }),
    ...(kind === 'best_run' && { considered_runs: consideredRuns }),
  };
}

export function convertCriteria({ experimentId, version, criteria, afterFirstRun, declaredAt, declaredBy }: CriteriaRow) {
  const { data } = decodeEvent<EventOf<tracking.CriteriaDeclared>>('cairn.tracking.v1.CriteriaDeclared', { criteria: JSON.parse(criteria) as JsonObject[] });
  return {
    experiment_id: experimentId,
    version,
    criteria: data.criteria.map(criterionJson),
    after_first_run: afterFirstRun,
    declared_at: declaredAt,
    declared_by: declaredBy,
  };
}
