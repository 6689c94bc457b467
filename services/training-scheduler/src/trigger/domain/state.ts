import type { EventOf, scheduler } from '@cairn/contracts';

export type TriggerEvent = EventOf<scheduler.TriggerDeclared | scheduler.TriggerFired>;

export type TriggerState =
  | { readonly status: 'none' }
  /** `incidents` it has reacted to: each one fires it once. */
  | { readonly status: 'declared'; readonly incidents: ReadonlySet<string> };

export function evolve(state: TriggerState, event: TriggerEvent): TriggerState {
  switch (event.type) {
    case 'cairn.scheduler.v1.TriggerDeclared':
      return { status: 'declared', incidents: new Set() };
    case 'cairn.scheduler.v1.TriggerFired':
      return state.status === 'declared' ? { ...state, incidents: new Set([...state.incidents, event.data.incidentId]) } : state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
