import type { Decider, Refusal } from '@cairn/kernel';
import type { CreateExperiment, Criterion, DeclareCriteria, ExperimentCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type ExperimentEvent, type ExperimentState } from './state.js';

type KnownState = Exclude<ExperimentState, { status: 'none' }>;
type Decision = readonly ExperimentEvent[] | Refusal<Code>;

const MAX_NAME_LENGTH = 500;
/** With names of at most 250 characters this keeps RunStarted, which carries the criteria, within the size of one event. */
const MAX_CRITERIA = 20;
const MAX_METRIC_LENGTH = 250;
const COMPARISONS: readonly string[] = ['>=', '>', '<=', '<'];

export const experiment: Decider<ExperimentState, ExperimentCommand, ExperimentEvent, Code> = {
  category: 'experiment',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: ExperimentCommand, state: ExperimentState): Decision {
  if (command.type === 'CreateExperiment') return create(command, state);
  if (state.status === 'none') return refuse('EXPERIMENT_NOT_FOUND', 'No experiment has this id.');
  const { experimentId } = state;
  if (command.type === 'RestoreExperiment') return state.deleted ? [{ type: 'cairn.tracking.v1.ExperimentRestored', data: { experimentId } }] : [];
  if (command.type === 'DeleteExperiment') return state.deleted ? [] : [{ type: 'cairn.tracking.v1.ExperimentDeleted', data: { experimentId } }];
  if (state.deleted) return refuse('EXPERIMENT_DELETED', `The experiment ${experimentId} must be in the 'active' state. Current state is deleted.`);
  switch (command.type) {
    case 'DeclareCriteria':
      return declare(command, state);
    case 'LockCriteria':
      if (state.status === 'locked') return [];
      return [{ type: 'cairn.tracking.v1.CriteriaLocked', data: { experimentId, version: state.criteriaVersion, runId: command.data.runId } }];
    case 'RenameExperiment':
      return rename(command.data.name, state);
    case 'SetExperimentTags': {
      const tags = command.data.tags.filter(({ key, value }) => state.tags.get(key) !== value);
      return tags.length === 0 ? [] : [{ type: 'cairn.tracking.v1.ExperimentTagsSet', data: { experimentId, tags } }];
    }
    case 'RemoveExperimentTag': {
      const { key } = command.data;
      if (!state.tags.has(key)) return refuse('TAG_NOT_FOUND', `No tag with name: ${key} in experiment with id ${experimentId}`);
      return [{ type: 'cairn.tracking.v1.ExperimentTagRemoved', data: { experimentId, key } }];
    }
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function create({ data }: CreateExperiment, state: ExperimentState): Decision {
  if (state.status !== 'none') return refuse('EXPERIMENT_EXISTS', 'An experiment with this id was created before.');
  return invalidName(data.name) ?? [{ type: 'cairn.tracking.v1.ExperimentCreated', data }];
}

function rename(name: string, state: KnownState): Decision {
  if (name === state.name) return [];
  return invalidName(name) ?? [{ type: 'cairn.tracking.v1.ExperimentRenamed', data: { experimentId: state.experimentId, name } }];
}

function invalidName(name: string): Refusal<Code> | undefined {
  if (name.trim() !== '' && name.length <= MAX_NAME_LENGTH) return undefined;
  return refuse('INVALID_EXPERIMENT_NAME', `An experiment needs a name of 1 to ${MAX_NAME_LENGTH} characters.`);
}

function declare({ data: { criteria } }: DeclareCriteria, state: KnownState): Decision {
  if (criteria.length === 0 || criteria.length > MAX_CRITERIA) {
    return refuse('INVALID_CRITERIA', `Declare 1 to ${MAX_CRITERIA} criteria; these are ${criteria.length}.`);
  }
  const wrong = criteria.map(whatIsWrong).find((problem) => problem !== undefined);
  if (wrong !== undefined) return refuse('INVALID_CRITERIA', wrong);
  if (sameCriteria(criteria, state.criteria)) return [];
  const { experimentId, criteriaVersion } = state;
  return [
    {
      type: 'cairn.tracking.v1.CriteriaDeclared',
      data: { experimentId, version: criteriaVersion + 1, criteria, afterFirstRun: state.status === 'locked' },
    },
  ];
}

function whatIsWrong({ metric, comparison, threshold, baselineMetric, sampleMetric, minimumSample }: Criterion): string | undefined {
  if (metric === '') return 'A criterion needs a metric.';
  if ([metric, baselineMetric, sampleMetric].some((name) => name.length > MAX_METRIC_LENGTH)) {
    return `The name of a metric has at most ${MAX_METRIC_LENGTH} characters.`;
  }
  if (!COMPARISONS.includes(comparison)) return `The comparison of ${metric} is "${comparison}"; it must be one of ${COMPARISONS.join(' ')}.`;
  if (!Number.isFinite(threshold)) return `The threshold of ${metric} must be a finite number.`;
  if (baselineMetric === metric) return `The baseline of ${metric} is itself.`;
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
    one.minimumSample === other.minimumSample
  );
}
