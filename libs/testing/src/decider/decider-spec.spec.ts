import type { Command, Decider, DomainEvent } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';

import { testMeta } from './command-meta.js';
import { deciderSpec } from './decider-spec.js';

type Event = DomainEvent<'Opened', { by: string }> | DomainEvent<'Counted', { amount: bigint }>;
type Cmd = Command<'Open', { by: string }> | Command<'Count', { amount: bigint }>;
interface State {
  open: boolean;
  readonly seen: bigint[];
}

const box: Decider<State, Cmd, Event, 'CLOSED'> = {
  category: 'box',
  initialState: () => ({ open: false, seen: [] }),
  evolve: (state, event) => (event.type === 'Opened' ? { ...state, open: true } : { ...state, seen: [...state.seen, event.data.amount] }),
  decide: (command, state) => {
    if (command.type === 'Open') return state.open ? [] : [{ type: 'Opened', data: command.data }];
    return state.open ? [{ type: 'Counted', data: command.data }] : { refused: 'CLOSED', message: 'Open the box first.' };
  },
  refusals: { CLOSED: 'conflict' },
};

const open: Cmd = { type: 'Open', data: { by: 'ada' }, meta: testMeta() };
const count: Cmd = { type: 'Count', data: { amount: 5n }, meta: testMeta() };
const opened: Event = { type: 'Opened', data: { by: 'ada' } };

describe('deciderSpec', () => {
  it('accepts what really happens', () => {
    const { given } = deciderSpec(box);
    given([]).when(open).then([opened]);
    given([opened]).when(open).thenNothing();
    given([opened]).when(count).then([{ type: 'Counted', data: { amount: 5n } }]);
    given([]).when(count).thenRefused('CLOSED', /first/);
  });

  it('shows the line that differs and the events around it', () => {
    const { given } = deciderSpec(box);
    const check = () => given([opened]).when(count).then([{ type: 'Counted', data: { amount: 6n } }]);
    expect(check).toThrow(/given Opened, when Count: expected 1 event\(s\), but it decided Counted/);
    expect(check).toThrow(/^- +amount: 6n$/m);
    expect(check).toThrow(/^\+ +amount: 5n$/m);
  });

  it('names a refusal where events were expected, and the other way round', () => {
    const { given } = deciderSpec(box);
    expect(() => given([]).when(count).then([])).toThrow(/refused with CLOSED \(Open the box first\.\)/);
    expect(() => given([]).when(open).thenRefused('CLOSED')).toThrow(/expected a refusal with CLOSED, but it decided Opened/);
    expect(() => given([]).when(open).thenNothing()).toThrow(/expected nothing to happen/);
    expect(() => given([]).when(count).thenRefused('CLOSED', /never/)).toThrow(/a message like/);
  });

  it('catches a decider that changes what it was given', () => {
    const mutating = { ...box, evolve: (state: State, event: Event) => Object.assign(state, { open: event.type === 'Opened' }) };
    expect(() => deciderSpec(mutating).given([opened]).when(open).thenNothing()).toThrow(TypeError);
  });

  it('catches a decider that answers the same question in two ways', () => {
    let calls = 0;
    const moody: typeof box = { ...box, decide: () => [{ type: 'Opened', data: { by: String((calls += 1)) } }] };
    expect(() => deciderSpec(moody).given([]).when(open).then([opened])).toThrow(/not pure/);
  });

  it('catches a code that no status is known for', () => {
    const forgetful = { ...box, refusals: {} as typeof box.refusals };
    expect(() => deciderSpec(forgetful).given([]).when(count).thenRefused('CLOSED')).toThrow(/missing in the decider/);
  });
});
