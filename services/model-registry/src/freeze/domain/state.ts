import type { EventOf, registry } from '@cairn/contracts';

export type FreezeEvent = EventOf<registry.FreezeDeclared | registry.FreezeLifted>;

export type FreezeState = { readonly status: 'none' } | { readonly status: 'declared' | 'lifted'; readonly freezeId: string };

export function evolve(state: FreezeState, event: FreezeEvent): FreezeState {
  switch (event.type) {
    case 'cairn.registry.v1.FreezeDeclared':
      return { status: 'declared', freezeId: event.data.freezeId };
    case 'cairn.registry.v1.FreezeLifted':
      return state.status === 'none' ? state : { ...state, status: 'lifted' };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
