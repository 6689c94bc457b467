import type { EventOf, features } from '@cairn/contracts';
import type { FeatureRef } from './commands.js';

export type FeatureServiceEvent = EventOf<features.FeatureServiceDefined>;

export type FeatureServiceState =
  | { readonly status: 'none' }
  | { readonly status: 'defined'; readonly version: number; readonly features: readonly FeatureRef[] };

export function evolve(_state: FeatureServiceState, event: FeatureServiceEvent): FeatureServiceState {
  switch (event.type) {
    case 'cairn.features.v1.FeatureServiceDefined':
      return { status: 'defined', version: event.data.version, features: event.data.features };
    default: {
      const unhandled: never = event.type;
      return unhandled;
    }
  }
}
