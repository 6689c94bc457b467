import type { EventOf, features } from '@cairn/contracts';
import type { Definition } from './commands.js';

export type FeatureViewEvent = EventOf<features.FeatureViewDefined>;

export type FeatureViewState =
  | { readonly status: 'none' }
  | { readonly status: 'defined'; readonly version: number; readonly definition: Definition };

export function evolve(_state: FeatureViewState, event: FeatureViewEvent): FeatureViewState {
  switch (event.type) {
    case 'cairn.features.v1.FeatureViewDefined': {
      const { version, ...definition } = event.data;
      return { status: 'defined', version, definition };
    }
    default: {
      const unhandled: never = event.type;
      return unhandled;
    }
  }
}
