import type { Snapshotting } from '@cairn/kernel';
import type { InferenceLogState } from './state.js';

/** Each sealed segment is an event, for as long as its deployment lives. */
export const snapshot: Snapshotting<InferenceLogState> = {
  version: 3,
  everyEvents: 1_000,
  entries: () => 1,
  toJson: (state) => ({ ...state }),
  fromJson: (json) => json as InferenceLogState,
};
