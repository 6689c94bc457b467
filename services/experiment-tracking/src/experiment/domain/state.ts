import type { EventOf, tracking } from '@cairn/contracts';
import type { Criterion } from './commands.js';

export type ExperimentEvent = EventOf<
  | tracking.ExperimentCreated
  | tracking.CriteriaDeclared
  | tracking.CriteriaLocked
  | tracking.ExperimentRenamed
  | tracking.ExperimentDeleted
  | tracking.ExperimentRestored
  | tracking.ExperimentTagsSet
  | tracking.ExperimentTagRemoved
>;

interface Known {
  readonly experimentId: string;
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly deleted: boolean;
  /** In force; 0 while nothing is declared. */
  readonly criteriaVersion: number;
  readonly criteria: readonly Criterion[];
}

export type ExperimentState =
  | { readonly status: 'none' }
  | (Known & { readonly status: 'open' })
  /** A run has started: what is declared from now on comes after the first result may have been seen. */
  | (Known & { readonly status: 'locked' });

export function evolve(state: ExperimentState, event: ExperimentEvent): ExperimentState {
  if (event.type === 'cairn.tracking.v1.ExperimentCreated') {
    const { experimentId, name, tags } = event.data;
    return { status: 'open', experimentId, name, tags: new Map(tags.map(({ key, value }) => [key, value])), deleted: false, criteriaVersion: 0, criteria: [] };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'cairn.tracking.v1.CriteriaDeclared':
      return { ...state, criteriaVersion: event.data.version, criteria: event.data.criteria };
    case 'cairn.tracking.v1.CriteriaLocked':
      return { ...state, status: 'locked' };
    case 'cairn.tracking.v1.ExperimentRenamed':
      return { ...state, name: event.data.name };
    case 'cairn.tracking.v1.ExperimentDeleted':
      return { ...state, deleted: true };
    case 'cairn.tracking.v1.ExperimentRestored':
      return { ...state, deleted: false };
    case 'cairn.tracking.v1.ExperimentTagsSet':
      return { ...state, tags: new Map([...state.tags, ...event.data.tags.map(({ key, value }) => [key, value] as const)]) };
    case 'cairn.tracking.v1.ExperimentTagRemoved':
      return { ...state, tags: new Map([...state.tags].filter(([key]) => key !== event.data.key)) };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
