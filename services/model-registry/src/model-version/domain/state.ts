import type { EventOf, registry } from '@cairn/contracts';
import type { NewVersion } from './commands.js';

export type ModelVersionEvent = EventOf<
  | registry.ModelVersionCreated
  | registry.GatesEvaluated
  | registry.PromotionBlocked
  | registry.VersionApproved
  | registry.VersionPromoted
  | registry.VersionDescribed
  | registry.VersionTagsSet
  | registry.VersionTagRemoved
>;

export type ModelVersionState = { readonly status: 'none' } | { readonly status: 'registered'; readonly version: NewVersion };

export function evolve(state: ModelVersionState, event: ModelVersionEvent): ModelVersionState {
  if (event.type === 'cairn.registry.v1.ModelVersionCreated') return { status: 'registered', version: event.data };
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'cairn.registry.v1.VersionDescribed':
      return { ...state, version: { ...state.version, description: event.data.description } };
    case 'cairn.registry.v1.VersionTagsSet': {
      const changed = new Set(event.data.tags.map(({ key }) => key));
      return { ...state, version: { ...state.version, tags: [...state.version.tags.filter(({ key }) => !changed.has(key)), ...event.data.tags] } };
    }
    case 'cairn.registry.v1.VersionTagRemoved':
      return { ...state, version: { ...state.version, tags: state.version.tags.filter(({ key }) => key !== event.data.key) } };
    case 'cairn.registry.v1.GatesEvaluated':
    case 'cairn.registry.v1.PromotionBlocked':
    case 'cairn.registry.v1.VersionApproved':
    case 'cairn.registry.v1.VersionPromoted':
      return state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
