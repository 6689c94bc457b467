import type { EventOf, lineage } from '@cairn/contracts';

export type ReadModelEvent = EventOf<lineage.ReadModelDigested>;

export type ReadModelState = { readonly status: 'none' } | { readonly status: 'digested'; readonly last: ReadModelEvent['data'] };

export function evolve(state: ReadModelState, event: ReadModelEvent): ReadModelState {
  switch (event.type) {
    case 'cairn.lineage.v1.ReadModelDigested':
      return { status: 'digested', last: event.data };
    default: {
      const unhandled: never = event.type;
      return unhandled;
    }
  }
}
