import type { EventOf, features } from '@cairn/contracts';

export type OnlineViewEvent = EventOf<features.FeaturesMaterialised>;

export type OnlineViewState =
  | { readonly status: 'none' }
  | { readonly status: 'online'; readonly until: string; readonly digest: string; readonly datasetVersionIds: readonly string[] };

export function evolve(_state: OnlineViewState, event: OnlineViewEvent): OnlineViewState {
  switch (event.type) {
    case 'cairn.features.v1.FeaturesMaterialised': {
      const { until, digest, datasetVersionIds } = event.data;
      return { status: 'online', until, digest, datasetVersionIds };
    }
    default: {
      const unhandled: never = event.type;
      return unhandled;
    }
  }
}
