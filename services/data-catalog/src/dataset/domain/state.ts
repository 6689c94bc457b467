import type { catalog, EventOf } from '@cairn/contracts';

export type DatasetEvent = EventOf<catalog.DatasetRegistered | catalog.DatasetVersionAdded>;

export type DatasetState =
  | { readonly status: 'none' }
  | { readonly status: 'registered'; readonly name: string; readonly lastVersion: number; readonly versionIds: ReadonlySet<string> };

export function evolve(state: DatasetState, event: DatasetEvent): DatasetState {
  switch (event.type) {
    case 'cairn.catalog.v1.DatasetRegistered':
      return { status: 'registered', name: event.data.name, lastVersion: 0, versionIds: new Set() };
    case 'cairn.catalog.v1.DatasetVersionAdded':
      return state.status === 'registered'
        ? { ...state, lastVersion: event.data.version, versionIds: new Set([...state.versionIds, event.data.versionId]) }
        : state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
