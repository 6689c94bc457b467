import type { Decider, Refusal } from '@cairn/kernel';
import type { FreezeCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type FreezeEvent, type FreezeState } from './state.js';

export const freeze: Decider<FreezeState, FreezeCommand, FreezeEvent, Code> = {
  category: 'freeze',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: FreezeCommand, state: FreezeState): readonly FreezeEvent[] | Refusal<Code> {
  switch (command.type) {
    case 'DeclareFreeze': {
      const { from, to, reason } = command.data;
      if (state.status !== 'none') return refuse('FREEZE_EXISTS', 'A freeze with this id was declared before.');
      if (reason.trim() === '') return refuse('INVALID_FREEZE', 'A freeze needs a reason: it is what others read when they are stopped by it.');
      if (Date.parse(from) >= Date.parse(to)) return refuse('INVALID_FREEZE', `A freeze ends after it begins; this one would last from ${from} to ${to}.`);
      return [{ type: 'cairn.registry.v1.FreezeDeclared', data: command.data }];
    }
    case 'LiftFreeze':
      if (state.status === 'none') return refuse('FREEZE_NOT_FOUND', 'No freeze has this id.');
      if (command.data.reason.trim() === '') return refuse('INVALID_FREEZE', 'Lifting a freeze needs a reason.');
      return state.status === 'lifted' ? [] : [{ type: 'cairn.registry.v1.FreezeLifted', data: { freezeId: state.freezeId, reason: command.data.reason } }];
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}
