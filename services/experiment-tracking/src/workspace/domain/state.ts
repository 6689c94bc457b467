import type { EventOf, tracking } from '@cairn/contracts';

export type WorkspaceEvent = EventOf<tracking.WorkspaceCreated | tracking.WorkspaceDescribed | tracking.WorkspaceDeleted>;

export type WorkspaceState =
  | { readonly status: 'none' }
  | { readonly status: 'open'; readonly name: string; readonly description: string }
  /** May be created again. */
  | { readonly status: 'deleted' };

export function evolve(state: WorkspaceState, event: WorkspaceEvent): WorkspaceState {
  switch (event.type) {
    case 'cairn.tracking.v1.WorkspaceCreated':
      return { status: 'open', name: event.data.name, description: event.data.description };
    case 'cairn.tracking.v1.WorkspaceDescribed':
      return state.status === 'open' ? { ...state, description: event.data.description } : state;
    case 'cairn.tracking.v1.WorkspaceDeleted':
      return { status: 'deleted' };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
