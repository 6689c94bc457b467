import type { EventOf, registry } from '@cairn/contracts';
import type { NewVersion } from './commands.js';

export type ModelVersionEvent = EventOf<
  registry.ModelVersionCreated | registry.GatesEvaluated | registry.PromotionBlocked | registry.VersionApproved | registry.VersionPromoted
>;

export type ModelVersionState = { readonly status: 'none' } | { readonly status: 'registered'; readonly version: NewVersion };

export function evolve(state: ModelVersionState, event: ModelVersionEvent): ModelVersionState {
  switch (event.type) {
    case 'cairn.registry.v1.ModelVersionCreated':
      return { status: 'registered', version: event.data };
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
