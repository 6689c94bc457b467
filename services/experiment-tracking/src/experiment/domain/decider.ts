import type { Decider, Refusal } from '@cairn/kernel';
import type { CreateExperiment, ExperimentCommand } from './commands.js';
import { declare, withCriteria } from './criteria.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type ExperimentEvent, type ExperimentState } from './state.js';

type KnownState = Exclude<ExperimentState, { status: 'none' }>;
type Decision = readonly ExperimentEvent[] | Refusal<Code>;

const MAX_NAME_LENGTH = 500;

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
      return declare(command.data.criteria, { ...state, isLocked: state.status === 'locked' });
    case 'LockCriteria':
      if (state.status === 'locked') return [];
      return [{ type: 'cairn.tracking.v1.CriteriaLocked', data: { experimentId, version: state.criteriaVersion, runId: command.data.runId } }];
    case 'RenameExperiment':
      return rename(command.data.name, state);
    case 'SetExperimentTags': {
      const tags = command.data.tags.filter(({ key, value }) => state.tags.get(key) !== value);
      const events: ExperimentEvent[] = tags.length === 0 ? [] : [{ type: 'cairn.tracking.v1.ExperimentTagsSet', data: { experimentId, tags } }];
      return withCriteria(events, command.data.criteria, { ...state, isLocked: state.status === 'locked' });
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
  const { experimentId, name, tags, criteria } = data;
  const created: ExperimentEvent = { type: 'cairn.tracking.v1.ExperimentCreated', data: { experimentId, name, tags } };
  return invalidName(name) ?? withCriteria([created], criteria, { experimentId, criteriaVersion: 0, criteria: [], isLocked: false });
}

function rename(name: string, state: KnownState): Decision {
  if (name === state.name) return [];
  return invalidName(name) ?? [{ type: 'cairn.tracking.v1.ExperimentRenamed', data: { experimentId: state.experimentId, name } }];
}

function invalidName(name: string): Refusal<Code> | undefined {
  if (name.trim() !== '' && name.length <= MAX_NAME_LENGTH) return undefined;
  return refuse('INVALID_EXPERIMENT_NAME', `An experiment needs a name of 1 to ${MAX_NAME_LENGTH} characters.`);
}
