import type { EventOf, tracking } from '@cairn/contracts';
import type { ResourceFigure } from './commands.js';

export type ResourceUseEvent = EventOf<tracking.ResourcesReported>;

/** The last figure of each resource and model. */
export type ResourceUseState = ReadonlyMap<string, ResourceFigure>;

export const placeOf = ({ resource, gpuModel }: ResourceFigure): string => `${resource}\n${gpuModel}`;

export function evolve(state: ResourceUseState, { data }: ResourceUseEvent): ResourceUseState {
  return new Map([...state, ...data.figures.map((figure) => [placeOf(figure), figure] as const)]);
}
