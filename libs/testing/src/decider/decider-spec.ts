import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';

import { type Command, type Decider, type DomainEvent, isRefusal, type Refusal } from '@cairn/kernel';

import { show, showDifference } from './difference.js';
import { deepFreeze } from './freeze.js';

export interface Given<Cmd, Event, Code> {
  /** The stream so far. Two calls in a row add up. */
  given(events: readonly Event[]): Given<Cmd, Event, Code>;
  when(command: Cmd): When<Event, Code>;
}

export interface When<Event, Code> {
  /** Exactly these events, in this order. Fields that are absent and fields that are undefined differ. */
  then(expected: readonly Event[]): void;
  /** Accepted, and nothing to record: it is already so. */
  thenNothing(): void;
  /** Refused with this code; with `message`, it must match too. */
  thenRefused(code: Code, message?: RegExp): void;
}

/**
 * Says what an aggregate does in its own words: `given([…]).when(command).then([…])`. State and events are frozen, and each
 * decision is taken twice: a decider that changes its arguments or answers differently fails here.
 */
export function deciderSpec<State, Cmd extends Command, Event extends DomainEvent, Code extends string>(
  decider: Decider<State, Cmd, Event, Code>,
): Given<Cmd, Event, Code> {
  return givenEvents(decider, []);
}

function givenEvents<State, Cmd extends Command, Event extends DomainEvent, Code extends string>(
  decider: Decider<State, Cmd, Event, Code>,
  past: readonly Event[],
): Given<Cmd, Event, Code> {
  return {
    given: (events) => givenEvents(decider, [...past, ...events]),
    when: (command) => whenDecided(decide(decider, past, command), command, past),
  };
}

function decide<State, Cmd extends Command, Event extends DomainEvent, Code extends string>(
  decider: Decider<State, Cmd, Event, Code>,
  past: readonly Event[],
  command: Cmd,
): readonly Event[] | Refusal<Code> {
  const state = past.reduce((before, event) => deepFreeze(decider.evolve(before, deepFreeze(event))), deepFreeze(decider.initialState()));
  const decision = decider.decide(deepFreeze(command), state);
  const again = decider.decide(command, state);
  if (!isDeepStrictEqual(decision, again)) {
    throw failure(`decide() is not pure: the same ${command.type} was answered in two ways.`, again, decision);
  }
  if (isRefusal(decision)) {
    if (!(decision.refused in decider.refusals)) throw failure(`The code ${decision.refused} is missing in the decider's refusals.`, decision, undefined);
  } else {
    // What was decided must be something that the state can take in.
    decision.reduce((before, event) => decider.evolve(deepFreeze(before), deepFreeze(event)), state);
  }
  return decision;
}

function whenDecided<Event extends DomainEvent, Code extends string>(
  decision: readonly Event[] | Refusal<Code>,
  command: Command,
  past: readonly Event[],
): When<Event, Code> {
  const context = `given ${past.length === 0 ? 'nothing' : past.map((event) => event.type).join(', ')}, when ${command.type}`;
  const fail = (expectation: string, expected: unknown) =>
    failure(`${context}: expected ${expectation}, but ${outcome(decision)}\n${showDifference(expected, decision)}`, decision, expected);
  return {
    then: (expected) => {
      if (!isDeepStrictEqual(decision, expected)) throw fail(`${expected.length} event(s)`, expected);
    },
    thenNothing: () => {
      if (!isDeepStrictEqual(decision, [])) throw fail('nothing to happen', []);
    },
    thenRefused: (code, message) => {
      if (!isRefusal(decision) || decision.refused !== code) throw fail(`a refusal with ${code}`, { refused: code });
      if (message && !message.test(decision.message)) throw fail(`a message like ${message}`, { refused: code, message: String(message) });
    },
  };
}

function outcome(decision: readonly DomainEvent[] | Refusal): string {
  if (isRefusal(decision)) return `it was refused with ${decision.refused} (${decision.message})`;
  if (decision.length === 0) return 'nothing happened';
  return `it decided ${decision.map((event) => event.type).join(', ')}: ${show(decision)}`;
}

function failure(message: string, actual: unknown, expected: unknown): AssertionError {
  return new AssertionError({ message, actual, expected, operator: 'deciderSpec', stackStartFn: deciderSpec });
}
