import type { EventOf, tracking } from '@cairn/contracts';
import type { Criterion } from './commands.js';

export type ExperimentEvent = EventOf<tracking.ExperimentCreated | tracking.CriteriaDeclared | tracking.CriteriaLocked>;

interface Active {
  readonly experimentId: string;
  /** In force; 0 while nothing is declared. */
  readonly criteriaVersion: number;
  readonly criteria: readonly Criterion[];
}

export type ExperimentState =
  | { readonly status: 'none' }
  | (Active & { readonly status: 'open' })
  /** A run has started: what is declared from now on comes after the first result may have been seen. */
  | (Active & { readonly status: 'locked' });

export function evolve(state: ExperimentState, event: ExperimentEvent): ExperimentState {
  switch (event.type) {
    case 'cairn.tracking.v1.ExperimentCreated':
      return { status: 'open', experimentId: event.data.experimentId, criteriaVersion: 0, criteria: [] };
    case 'cairn.tracking.v1.CriteriaDeclared':
      return state.status === 'none' ? state : { ...state, criteriaVersion: event.data.version, criteria: event.data.criteria };
    case 'cairn.tracking.v1.CriteriaLocked':
      return state.status === 'none' ? state : { ...state, status: 'locked' };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
