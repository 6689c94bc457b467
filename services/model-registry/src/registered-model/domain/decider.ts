import type { Decider, Refusal } from '@cairn/kernel';
import { refuseAlias } from './alias.js';
import type { GatePolicy, MoveAlias, MoveToStage, RegisteredModelCommand, RegisterModel, RenameModel } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { declareGates, inherit, policiesOf, refuseUnguarded } from './gate-policy.js';
import { isActive, targetOfStage } from './stage.js';
import { evolve, type KnownModel, type RegisteredModelEvent, type RegisteredModelState } from './state.js';

export { GATES } from './gate-policy.js';

type Decision = readonly RegisteredModelEvent[] | Refusal<Code>;

const MAX_NAME_LENGTH = 256;
// A name is part of paths and of `models:/<name>/<version>`, where these would divide it.
const DIVIDES_A_NAME = /[/:\p{Cc}]/u;
/** A deletion names all of them in one event. */
const MAX_ALIASES = 50;
/** An archiving transition moves all of them in one append. */
const MAX_IN_STAGE = 200;

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
  if (command.type === 'RestoreModel') return restore(command.data.inherited, state);
  if (state.status === 'deleted') {
    return command.type === 'DeleteModel' ? [] : refuse('MODEL_NOT_FOUND', `The model ${state.name} was deleted. Restore it by its id ${state.modelId} first.`);
  }
  const { modelId } = state;
  switch (command.type) {
    case 'DeclareGates':
      return declareGates(command, state);
    case 'AddVersion': {
      const { versionId } = command.data;
      if (state.versions.has(versionId)) return refuse('VERSION_EXISTS', 'The model has a version with this id already.');
      return [{ type: 'cairn.registry.v1.ModelVersionAdded', data: { modelId, versionId, version: state.versions.size + 1 } }];
    }
    case 'DeleteVersion':
      return deleteVersion(command.data.versionId, state);
    case 'RestoreVersion': {
      const { versionId } = command.data;
      const version = state.versions.get(versionId);
      if (version === undefined) return refuse('VERSION_NOT_FOUND', 'The model has no such version.');
      return state.deletedVersions.has(versionId) ? [{ type: 'cairn.registry.v1.ModelVersionRestored', data: { modelId, versionId, version } }] : [];
    }
    case 'MoveAlias':
      return moveAlias(command, state);
    case 'RemoveAlias': {
      const { alias } = command.data;
      const previousVersionId = state.aliases.get(alias);
      return previousVersionId === undefined ? [] : [{ type: 'cairn.registry.v1.AliasRemoved', data: { modelId, alias, previousVersionId } }];
    }
    case 'MoveToStage':
      return moveToStage(command, state);
    case 'RenameModel':
      return rename(command, state);
    case 'DeleteModel': {
      const aliases = [...state.aliases].map(([alias, versionId]) => ({ alias, versionId }));
      return [...removals(state, () => true), { type: 'cairn.registry.v1.ModelDeleted', data: { modelId, name: state.name, aliases, policies: policiesOf(state) } }];
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

function register({ data: { inherited = [], ...data } }: RegisterModel, state: RegisteredModelState): Decision {
  if (state.status !== 'none') return refuse('MODEL_EXISTS', 'A model with this id was registered before.');
  return (
    invalidName(data.name) ?? [{ type: 'cairn.registry.v1.RegisteredModelCreated', data }, ...inherit({ modelId: data.modelId, policies: new Map() }, inherited)]
  );
}

function rename({ data: { name, inherited } }: RenameModel, state: KnownModel): Decision {
  if (name === state.name) return [];
  const declared = inherit(state, inherited);
  const refused = invalidName(name) ?? refuseUnguarded(state, declared, name);
  if (refused !== undefined) return refused;
  return [{ type: 'cairn.registry.v1.ModelRenamed', data: { modelId: state.modelId, name, previousName: state.name, policies: policiesOf(state) } }, ...declared];
}

/** A stage whose gates became stricter meanwhile is left: nobody is in it without having passed them. */
function restore(inherited: readonly GatePolicy[], state: KnownModel): Decision {
  if (state.status !== 'deleted') return [];
  const { modelId, name, versions } = state;
  const declared = inherit(state, inherited);
  const stricter = new Set(declared.flatMap(({ type, data }) => (type === 'cairn.registry.v1.GatePolicyDeclared' ? [data.alias] : [])));
  const left = [...state.stages].flatMap(([versionId, stage]): RegisteredModelEvent[] =>
    isActive(stage) && stricter.has(targetOfStage(stage))
      ? [{
          type: 'cairn.registry.v1.VersionStageChanged',
          data: { modelId, versionId, version: versions.get(versionId) ?? 0, stage: 'None', previousStage: stage },
        }]
      : [],
  );
  return [{ type: 'cairn.registry.v1.ModelRestored', data: { modelId, name } }, ...declared, ...left];
}

function invalidName(name: string): Refusal<Code> | undefined {
  if (name.trim() !== '' && name.length <= MAX_NAME_LENGTH && !DIVIDES_A_NAME.test(name)) return undefined;
  return refuse('INVALID_MODEL_NAME', `A model's name has 1 to ${MAX_NAME_LENGTH} characters and neither "/" nor ":".`);
}

function deleteVersion(versionId: string, state: KnownModel): Decision {
  const { modelId } = state;
  const version = state.versions.get(versionId);
  if (version === undefined) return refuse('VERSION_NOT_FOUND', 'The model has no such version.');
  if (state.deletedVersions.has(versionId)) return [];
  return [...removals(state, (carrier) => carrier === versionId), { type: 'cairn.registry.v1.ModelVersionDeleted', data: { modelId, versionId, version } }];
}

function removals({ modelId, aliases }: KnownModel, of: (versionId: string) => boolean): RegisteredModelEvent[] {
  return [...aliases].flatMap(([alias, previousVersionId]): RegisteredModelEvent[] =>
    of(previousVersionId) ? [{ type: 'cairn.registry.v1.AliasRemoved', data: { modelId, alias, previousVersionId } }] : [],
  );
}

function moveAlias({ data: { alias, versionId } }: MoveAlias, state: KnownModel): Decision {
  const wrongAlias = refuseAlias(alias);
  if (wrongAlias !== undefined) return wrongAlias;
  const version = presentVersion(versionId, state);
  if (version === undefined) return refuse('VERSION_NOT_FOUND', 'The model has no such version.');
  const { modelId, aliases } = state;
  if (aliases.size >= MAX_ALIASES && !aliases.has(alias)) return refuse('TOO_MANY_ALIASES', `A model has at most ${MAX_ALIASES} aliases. Remove one of them first.`);
  const previousVersionId = aliases.get(alias) ?? '';
  if (previousVersionId === versionId) return [];
  return [{ type: 'cairn.registry.v1.AliasMoved', data: { modelId, alias, versionId, version, previousVersionId } }];
}

function moveToStage({ data: { versionId, stage, archiveOthers } }: MoveToStage, state: KnownModel): Decision {
  const { modelId, stages, versions } = state;
  const version = presentVersion(versionId, state);
  if (version === undefined) return refuse('VERSION_NOT_FOUND', 'The model has no such version.');
  if (archiveOthers && !isActive(stage)) {
    return refuse('INVALID_STAGE', `archive_existing_versions goes with the stages Staging and Production alone, not with ${stage}.`);
  }
  const change = (id: string, to: string, from: string): RegisteredModelEvent => ({
    type: 'cairn.registry.v1.VersionStageChanged', data: { modelId, versionId: id, version: versions.get(id) ?? 0, stage: to, previousStage: from },
  });
  const others = [...stages].filter(([id, of]) => of === stage && id !== versionId);
  if (isActive(stage) && !archiveOthers && others.length >= MAX_IN_STAGE) {
    return refuse('STAGE_FULL', `${MAX_IN_STAGE} versions are in ${stage} already. Archive some of them, or ask for archive_existing_versions.`);
  }
  const before = stages.get(versionId) ?? 'None';
  const archived = archiveOthers ? others.map(([id, from]) => change(id, 'Archived', from)) : [];
  return before === stage ? archived : [...archived, change(versionId, stage, before)];
}

function presentVersion(versionId: string, { versions, deletedVersions }: KnownModel): number | undefined {
  return deletedVersions.has(versionId) ? undefined : versions.get(versionId);
}
