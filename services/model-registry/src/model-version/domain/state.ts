import type { EventOf, Plain, registry } from '@cairn/contracts';
import type { NewVersion } from './commands.js';

export type ModelVersionEvent = EventOf<
  | registry.ModelVersionCreated
  | registry.GatesEvaluated
  | registry.PromotionBlocked
  | registry.VersionApproved
  | registry.VersionPromoted
  | registry.VersionStaged
  | registry.VersionMeasured
  | registry.VersionDescribed
  | registry.VersionTagsSet
  | registry.VersionTagRemoved
>;

export type Measurement = Plain<registry.VersionMeasured>;

export type ModelVersionState =
  | { readonly status: 'none' }
  | {
      readonly status: 'registered';
      readonly version: NewVersion;
      /** The last one. */
      readonly measurement?: Measurement;
    };

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
    case 'cairn.registry.v1.VersionMeasured':
      return { ...state, measurement: event.data };
    case 'cairn.registry.v1.GatesEvaluated':
    case 'cairn.registry.v1.PromotionBlocked':
    case 'cairn.registry.v1.VersionApproved':
    case 'cairn.registry.v1.VersionPromoted':
    case 'cairn.registry.v1.VersionStaged':
      return state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
