import type { EventOf, tracking } from '@cairn/contracts';

export type LoggedModelEvent = EventOf<
  | tracking.LoggedModelCreated
  | tracking.LoggedModelParamsLogged
  | tracking.LoggedModelFinalized
  | tracking.LoggedModelTagsSet
  | tracking.LoggedModelTagRemoved
  | tracking.LoggedModelDeleted
  | tracking.LoggedModelArtifactLogged
  | tracking.LoggedModelArtifactRemoved
>;

export interface LoggedModelFacts {
  readonly modelId: string;
  readonly params: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  /** Path → digest. */
  readonly artifacts: ReadonlyMap<string, string>;
}

export type LoggedModelState =
  | { readonly status: 'none' }
  | ({ readonly status: 'pending' } & LoggedModelFacts)
  | ({ readonly status: 'finalized'; readonly outcome: string } & LoggedModelFacts)
  | { readonly status: 'deleted'; readonly modelId: string };

export function evolve(state: LoggedModelState, event: LoggedModelEvent): LoggedModelState {
  if (event.type === 'cairn.tracking.v1.LoggedModelCreated') {
    const { modelId, tags, params } = event.data;
    return { status: 'pending', modelId, params: extended(new Map(), params), tags: extended(new Map(), tags), artifacts: new Map() };
  }
  if (state.status === 'none' || state.status === 'deleted') return state;
  switch (event.type) {
    case 'cairn.tracking.v1.LoggedModelParamsLogged':
      return { ...state, params: extended(state.params, event.data.params) };
    case 'cairn.tracking.v1.LoggedModelFinalized':
      return { ...state, status: 'finalized', outcome: event.data.status };
    case 'cairn.tracking.v1.LoggedModelTagsSet':
      return { ...state, tags: extended(state.tags, event.data.tags) };
    case 'cairn.tracking.v1.LoggedModelTagRemoved':
      return { ...state, tags: new Map([...state.tags].filter(([key]) => key !== event.data.key)) };
    case 'cairn.tracking.v1.LoggedModelDeleted':
      return { status: 'deleted', modelId: state.modelId };
    case 'cairn.tracking.v1.LoggedModelArtifactLogged':
      return { ...state, artifacts: new Map([...state.artifacts, [event.data.path, event.data.digest]]) };
    case 'cairn.tracking.v1.LoggedModelArtifactRemoved':
      return { ...state, artifacts: new Map([...state.artifacts].filter(([path]) => !isWithin(path, event.data.path))) };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

/** Whether a path is the folder or lies below it; an empty folder is the root. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

function extended(map: ReadonlyMap<string, string>, pairs: readonly { readonly key: string; readonly value: string }[]): ReadonlyMap<string, string> {
  return new Map([...map, ...pairs.map(({ key, value }) => [key, value] as const)]);
}
