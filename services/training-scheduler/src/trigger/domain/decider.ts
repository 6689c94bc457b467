import type { Decider, Refusal } from '@cairn/kernel';
import type { TriggerCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type TriggerEvent, type TriggerState } from './state.js';

export const trigger: Decider<TriggerState, TriggerCommand, TriggerEvent, Code> = {
  category: 'trigger',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: TriggerCommand, state: TriggerState): readonly TriggerEvent[] | Refusal<Code> {
  switch (command.type) {
    case 'DeclareTrigger':
      if (state.status !== 'none') return refuse('TRIGGER_EXISTS', `A trigger named ${command.data.name} was declared before; choose another name.`);
      if (command.data.spec === undefined) return refuse('INVALID_TRIGGER', 'A trigger needs the job that it submits.');
      return [{ type: 'cairn.scheduler.v1.TriggerDeclared', data: command.data }];
    case 'FireTrigger':
      if (state.status === 'none') return refuse('TRIGGER_NOT_FOUND', 'No trigger has this id.');
      if (state.incidents.has(command.data.incidentId)) return [];
      return [{ type: 'cairn.scheduler.v1.TriggerFired', data: command.data }];
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}
