import type { EventOf, registry } from '@cairn/contracts';

export type RegisteredModelEvent = EventOf<
  | registry.RegisteredModelCreated
  | registry.GatePolicyDeclared
  | registry.ModelVersionAdded
  | registry.AliasMoved
  | registry.AliasRemoved
  | registry.ModelDescribed
  | registry.ModelTagsSet
  | registry.ModelTagRemoved
>;

export type RegisteredModelState =
  | { readonly status: 'none' }
  | {
      readonly status: 'registered';
      readonly modelId: string;
      readonly name: string;
      readonly description: string;
      readonly tags: ReadonlyMap<string, string>;
      /** Version id → number. Numbers are never used twice. */
      readonly versions: ReadonlyMap<string, number>;
      /** Alias → gates that a version must pass to carry it. */
      readonly gates: ReadonlyMap<string, readonly string[]>;
      /** Alias → id of the version that carries it. */
      readonly aliases: ReadonlyMap<string, string>;
    };

export function evolve(state: RegisteredModelState, event: RegisteredModelEvent): RegisteredModelState {
  if (event.type === 'cairn.registry.v1.RegisteredModelCreated') {
    const { modelId, name, description, tags } = event.data;
    const known = new Map(tags.map(({ key, value }) => [key, value]));
    return { status: 'registered', modelId, name, description, tags: known, versions: new Map(), gates: new Map(), aliases: new Map() };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'cairn.registry.v1.GatePolicyDeclared':
      return { ...state, gates: new Map([...state.gates, [event.data.alias, event.data.gates]]) };
    case 'cairn.registry.v1.ModelVersionAdded':
      return { ...state, versions: new Map([...state.versions, [event.data.versionId, event.data.version]]) };
    case 'cairn.registry.v1.AliasMoved':
      return { ...state, aliases: new Map([...state.aliases, [event.data.alias, event.data.versionId]]) };
    case 'cairn.registry.v1.AliasRemoved':
      return { ...state, aliases: new Map([...state.aliases].filter(([alias]) => alias !== event.data.alias)) };
    case 'cairn.registry.v1.ModelDescribed':
      return { ...state, description: event.data.description };
    case 'cairn.registry.v1.ModelTagsSet':
      return { ...state, tags: new Map([...state.tags, ...event.data.tags.map(({ key, value }) => [key, value] as const)]) };
    case 'cairn.registry.v1.ModelTagRemoved':
      return { ...state, tags: new Map([...state.tags].filter(([key]) => key !== event.data.key)) };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
