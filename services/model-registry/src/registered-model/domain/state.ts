import type { EventOf, registry } from '@cairn/contracts';
import type { Budget } from './commands.js';
import { stageOf, type Stage } from './stage.js';

export type RegisteredModelEvent = EventOf<
  | registry.RegisteredModelCreated
  | registry.ModelRenamed
  | registry.ModelDeleted
  | registry.ModelRestored
  | registry.GatePolicyDeclared
  | registry.ModelVersionAdded
  | registry.ModelVersionDeleted
  | registry.ModelVersionRestored
  | registry.VersionStageChanged
  | registry.AliasMoved
  | registry.AliasRemoved
  | registry.ModelDescribed
  | registry.ModelTagsSet
  | registry.ModelTagRemoved
>;

export interface Policy {
  readonly gates: readonly string[];
  readonly budget?: Budget;
}

export interface KnownModel {
  readonly status: 'registered' | 'deleted';
  readonly modelId: string;
  readonly name: string;
  readonly description: string;
  readonly tags: ReadonlyMap<string, string>;
  /** Version id → number, also of deleted versions: numbers are never used twice. */
  readonly versions: ReadonlyMap<string, number>;
  readonly deletedVersions: ReadonlySet<string>;
  /** Version id → stage, where it is another than `None`. */
  readonly stages: ReadonlyMap<string, Stage>;
  /** Alias, or stage as `stage:Production` → what a version must pass to get there. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** Alias → id of the version that carries it. */
  readonly aliases: ReadonlyMap<string, string>;
  /** What carried an alias when the model was deleted last. */
  readonly aliasesAtDeletion: readonly { readonly alias: string; readonly versionId: string }[];
}

export type RegisteredModelState = { readonly status: 'none' } | KnownModel;

export function evolve(state: RegisteredModelState, event: RegisteredModelEvent): RegisteredModelState {
  if (event.type === 'cairn.registry.v1.RegisteredModelCreated') {
    const { modelId, name, description, tags } = event.data;
    return {
      status: 'registered', modelId, name, description, tags: new Map(tags.map(({ key, value }) => [key, value])), versions: new Map(), deletedVersions: new Set(),
      stages: new Map(), policies: new Map(), aliases: new Map(), aliasesAtDeletion: [],
    };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'cairn.registry.v1.ModelRenamed':
      return { ...state, name: event.data.name };
    case 'cairn.registry.v1.ModelDeleted':
      return { ...state, status: 'deleted', aliasesAtDeletion: event.data.aliases };
    case 'cairn.registry.v1.ModelRestored':
      return { ...state, status: 'registered' };
    case 'cairn.registry.v1.GatePolicyDeclared': {
      const { alias, gates, budget } = event.data;
      return { ...state, policies: new Map([...state.policies, [alias, { gates, ...(budget !== undefined && { budget }) }]]) };
    }
    case 'cairn.registry.v1.ModelVersionAdded':
      return { ...state, versions: new Map([...state.versions, [event.data.versionId, event.data.version]]) };
    case 'cairn.registry.v1.ModelVersionDeleted': {
      const { versionId } = event.data;
      return { ...state, deletedVersions: new Set([...state.deletedVersions, versionId]), stages: without(state.stages, versionId) };
    }
    case 'cairn.registry.v1.ModelVersionRestored':
      return { ...state, deletedVersions: new Set([...state.deletedVersions].filter((versionId) => versionId !== event.data.versionId)) };
    case 'cairn.registry.v1.VersionStageChanged': {
      const { versionId, stage } = event.data;
      const elsewhere = without(state.stages, versionId);
      const known = stageOf(stage);
      return { ...state, stages: known === undefined || known === 'None' ? elsewhere : new Map([...elsewhere, [versionId, known]]) };
    }
    case 'cairn.registry.v1.AliasMoved':
      return { ...state, aliases: new Map([...state.aliases, [event.data.alias, event.data.versionId]]) };
    case 'cairn.registry.v1.AliasRemoved':
      return { ...state, aliases: without(state.aliases, event.data.alias) };
    case 'cairn.registry.v1.ModelDescribed':
      return { ...state, description: event.data.description };
    case 'cairn.registry.v1.ModelTagsSet':
      return { ...state, tags: new Map([...state.tags, ...event.data.tags.map(({ key, value }) => [key, value] as const)]) };
    case 'cairn.registry.v1.ModelTagRemoved':
      return { ...state, tags: without(state.tags, event.data.key) };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

function without<Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> {
  return new Map([...map].filter(([one]) => one !== key));
}
