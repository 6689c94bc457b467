import type { DomainEvent } from './decider.js';

/** Folds facts into state, oldest first. */
export function fold<State, Event extends DomainEvent>(
  evolve: (state: State, event: Event) => State,
  initial: State,
  events: Iterable<Event>,
): State {
  let state = initial;
  for (const event of events) state = evolve(state, event);
  return state;
}

/** Closes an exhaustive switch: a new union member makes the call a type error. */
export function unreachable(value: never): never {
  throw new TypeError(`unhandled case: ${JSON.stringify(value)}`);
}
