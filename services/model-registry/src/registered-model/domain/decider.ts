import type { Decider, Refusal } from '@cairn/kernel';
import type { DeclareGates, MoveAlias, RegisteredModelCommand, RegisterModel } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type RegisteredModelEvent, type RegisteredModelState } from './state.js';

type Decision = readonly RegisteredModelEvent[] | Refusal<Code>;
type Registered = Exclude<RegisteredModelState, { status: 'none' }>;

export const GATES = [
  'criteria-met',
  'leakage-check-passed',
  'data-certified',
  'lineage-complete',
  'signature-present',
  'approved-by-another',
] as const;

const MAX_NAME_LENGTH = 256;
// A name is part of paths and of `models:/<name>/<version>`, where these would divide it.
const DIVIDES_A_NAME = /[/:\p{Cc}]/u;
const ALIAS = /^[\w-]{1,255}$/;
// MLflow reads `latest` and `v12` as something else than an alias.
const RESERVED_ALIAS = /^(latest|v\d+)$/i;

export const registeredModel: Decider<RegisteredModelState, RegisteredModelCommand, RegisteredModelEvent, Code> = {
  category: 'registered-model',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: RegisteredModelCommand, state: RegisteredModelState): Decision {
  if (command.type === 'RegisterModel') return register(command, state);
  if (state.status === 'none') return refuse('MODEL_NOT_FOUND', 'No registered model has this id.');
  const { modelId } = state;
  switch (command.type) {
    case 'DeclareGates':
      return declareGates(command, state);
    case 'AddVersion': {
      const { versionId } = command.data;
      if (state.versions.has(versionId)) return refuse('VERSION_EXISTS', 'The model has a version with this id already.');
      return [{ type: 'cairn.registry.v1.ModelVersionAdded', data: { modelId, versionId, version: state.versions.size + 1 } }];
    }
    case 'MoveAlias':
      return moveAlias(command, state);
    case 'RemoveAlias': {
      const { alias } = command.data;
      const previousVersionId = state.aliases.get(alias);
      return previousVersionId === undefined ? [] : [{ type: 'cairn.registry.v1.AliasRemoved', data: { modelId, alias, previousVersionId } }];
    }
    case 'DescribeModel': {
      const { description } = command.data;
      return description === state.description ? [] : [{ type: 'cairn.registry.v1.ModelDescribed', data: { modelId, description } }];
    }
    case 'SetModelTags': {
      const tags = command.data.tags.filter(({ key, value }) => state.tags.get(key) !== value);
      return tags.length === 0 ? [] : [{ type: 'cairn.registry.v1.ModelTagsSet', data: { modelId, tags } }];
    }
    case 'RemoveModelTag':
      return state.tags.has(command.data.key) ? [{ type: 'cairn.registry.v1.ModelTagRemoved', data: { modelId, key: command.data.key } }] : [];
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function register({ data }: RegisterModel, state: RegisteredModelState): Decision {
  if (state.status !== 'none') return refuse('MODEL_EXISTS', 'A model with this id was registered before.');
  if (data.name.trim() === '' || data.name.length > MAX_NAME_LENGTH || DIVIDES_A_NAME.test(data.name)) {
    return refuse('INVALID_MODEL_NAME', `A model's name has 1 to ${MAX_NAME_LENGTH} characters and neither "/" nor ":".`);
  }
  return [{ type: 'cairn.registry.v1.RegisteredModelCreated', data }];
}

function declareGates({ data }: DeclareGates, { modelId, gates }: Registered): Decision {
  const wrongAlias = refuseAlias(data.alias);
  if (wrongAlias !== undefined) return wrongAlias;
  const known: readonly string[] = GATES;
  const unknown = data.gates.find((gate) => !known.includes(gate));
  if (unknown !== undefined) return refuse('UNKNOWN_GATE', `There is no gate "${unknown}". There are ${GATES.join(', ')}.`);
  const wanted = [...new Set(data.gates)];
  const before = gates.get(data.alias) ?? [];
  if (wanted.length === before.length && wanted.every((gate, index) => gate === before[index])) return [];
  return [{ type: 'cairn.registry.v1.GatePolicyDeclared', data: { modelId, alias: data.alias, gates: wanted } }];
}

function moveAlias({ data: { alias, versionId } }: MoveAlias, { modelId, versions, aliases }: Registered): Decision {
  const wrongAlias = refuseAlias(alias);
  if (wrongAlias !== undefined) return wrongAlias;
  const version = versions.get(versionId);
  if (version === undefined) return refuse('VERSION_NOT_FOUND', 'The model has no such version.');
  const previousVersionId = aliases.get(alias) ?? '';
  if (previousVersionId === versionId) return [];
  return [{ type: 'cairn.registry.v1.AliasMoved', data: { modelId, alias, versionId, version, previousVersionId } }];
}

function refuseAlias(alias: string): Refusal<Code> | undefined {
  if (ALIAS.test(alias) && !RESERVED_ALIAS.test(alias)) return undefined;
  return refuse('INVALID_ALIAS', `"${alias}" can't be an alias: letters, digits, "_" and "-" make one, but not "latest" or "v" and a number.`);
}
