import type { Decider, Refusal } from '@cairn/kernel';
import type { CreateLoggedModel, FinalizeLoggedModel, LoggedModelCommand, Param } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { pieces } from './pieces.js';
import { evolve, isWithin, type LoggedModelEvent, type LoggedModelFacts, type LoggedModelState } from './state.js';

type Decision = readonly LoggedModelEvent[] | Refusal<Code>;
type LiveState = Extract<LoggedModelState, { status: 'pending' | 'finalized' }>;

const MAX_NAME_LENGTH = 500;
/** A name becomes part of a URI and of filters. */
const FORBIDDEN_IN_NAME = ['/', ':', '.', '%', '"', "'"];
const OUTCOMES: readonly string[] = ['ready', 'failed'];

export const loggedModel: Decider<LoggedModelState, LoggedModelCommand, LoggedModelEvent, Code> = {
  category: 'logged-model',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: LoggedModelCommand, state: LoggedModelState): Decision {
  if (command.type === 'CreateLoggedModel') return create(command, state);
  if (state.status === 'none') return refuse('LOGGED_MODEL_NOT_FOUND', 'No logged model has this id.');
  const { modelId } = state;
  if (state.status === 'deleted') {
    return command.type === 'DeleteLoggedModel' ? [] : refuse('LOGGED_MODEL_NOT_FOUND', `Logged model with ID '${modelId}' not found.`);
  }
  switch (command.type) {
    case 'LogModelParams':
      return logParams(command.data.params, state);
    case 'FinalizeLoggedModel':
      return finalize(command, state);
    case 'SetModelTags': {
      const changed = command.data.tags.filter(({ key, value }) => state.tags.get(key) !== value);
      return pieces(changed).map((tags) => ({ type: 'cairn.tracking.v1.LoggedModelTagsSet', data: { modelId, tags } }));
    }
    case 'RemoveModelTag': {
      const { key } = command.data;
      if (!state.tags.has(key)) return refuse('TAG_NOT_FOUND', `No tag with key '${key}' found for model with ID '${modelId}'.`);
      return [{ type: 'cairn.tracking.v1.LoggedModelTagRemoved', data: { modelId, key } }];
    }
    case 'DeleteLoggedModel':
      return [{ type: 'cairn.tracking.v1.LoggedModelDeleted', data: { modelId } }];
    case 'LogModelArtifact':
      if (state.artifacts.get(command.data.path) === command.data.digest) return [];
      return [{ type: 'cairn.tracking.v1.LoggedModelArtifactLogged', data: { modelId, ...command.data } }];
    case 'RemoveModelArtifact': {
      const { path } = command.data;
      const isThere = [...state.artifacts.keys()].some((known) => isWithin(known, path));
      return isThere ? [{ type: 'cairn.tracking.v1.LoggedModelArtifactRemoved', data: { modelId, path } }] : [];
    }
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

/** Tags and parameters that find no room in the first event follow in events of their own. */
function create({ data }: CreateLoggedModel, state: LoggedModelState): Decision {
  if (state.status !== 'none') return refuse('LOGGED_MODEL_EXISTS', 'A logged model with this id was created before.');
  const { modelId, name } = data;
  if (name === '' || name.length > MAX_NAME_LENGTH || FORBIDDEN_IN_NAME.some((character) => name.includes(character))) {
    return refuse(
      'INVALID_LOGGED_MODEL_NAME',
      `Invalid model name ('${name}') provided. Model name must be a non-empty string of at most ${MAX_NAME_LENGTH} characters and cannot contain ${FORBIDDEN_IN_NAME.join(' ')}`,
    );
  }
  const params = newParams(data.params, { modelId, params: new Map() });
  if ('refused' in params) return params;
  const [tags = [], ...laterTags] = pieces(data.tags);
  return [
    { type: 'cairn.tracking.v1.LoggedModelCreated', data: { ...data, tags, params: [] } },
    ...laterTags.map((some): LoggedModelEvent => ({ type: 'cairn.tracking.v1.LoggedModelTagsSet', data: { modelId, tags: some } })),
    ...paramsLogged(modelId, params),
  ];
}

function logParams(params: readonly Param[], state: LiveState): Decision {
  const fresh = newParams(params, state);
  return 'refused' in fresh ? fresh : paramsLogged(state.modelId, fresh);
}

/** A parameter never changes its value. */
function newParams(params: readonly Param[], { params: known, modelId }: Pick<LoggedModelFacts, 'modelId' | 'params'>): readonly Param[] | Refusal<Code> {
  const keys = new Set<string>();
  for (const { key, value } of params) {
    if (keys.has(key)) return refuse('DUPLICATE_PARAM', `Duplicate parameter keys have been submitted: '${key}'.`);
    keys.add(key);
    const before = known.get(key);
    if (before !== undefined && before !== value) {
      return refuse('PARAM_CHANGED', `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before}' for model ID='${modelId}'.`);
    }
  }
  return params.filter(({ key }) => !known.has(key));
}

function paramsLogged(modelId: string, params: readonly Param[]): LoggedModelEvent[] {
  return pieces(params).map((some) => ({ type: 'cairn.tracking.v1.LoggedModelParamsLogged', data: { modelId, params: some } }));
}

/** A client that uploads again after a failure says so: the last word counts. */
function finalize({ data: { status } }: FinalizeLoggedModel, state: LiveState): Decision {
  if (!OUTCOMES.includes(status)) return refuse('INVALID_LOGGED_MODEL_STATUS', `A logged model is finalized as ready or failed, not as ${status}.`);
  if (state.status === 'finalized' && state.outcome === status) return [];
  return [{ type: 'cairn.tracking.v1.LoggedModelFinalized', data: { modelId: state.modelId, status } }];
}
