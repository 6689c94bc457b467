import type { Decider, Refusal } from '@cairn/kernel';
import type { DeliveryCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type DeliveryEvent, type DeliveryState } from './state.js';

/** A delivery begins in the queue, a view of the log; its stream says what came of it. */
export const webhookDelivery: Decider<DeliveryState, DeliveryCommand, DeliveryEvent, Code> = {
  category: 'webhook-delivery',
  initialState: () => ({ attempts: 0, isOver: false }),
  evolve,
  decide,
  refusals,
};

function decide(command: DeliveryCommand, { attempts, isOver }: DeliveryState): readonly DeliveryEvent[] | Refusal<Code> {
  switch (command.type) {
    case 'RecordAttempt':
      if (isOver || command.data.attempt !== attempts + 1) return refuse('ATTEMPT_OUT_OF_TURN', 'Another process recorded an attempt of this delivery meanwhile.');
      return [{ type: 'cairn.registry.v1.WebhookDeliveryAttempted', data: command.data }];
    case 'RequestRedelivery': {
      const { deliveryId, webhookId, isWaiting } = command.data;
      if (isWaiting && !isOver) return [];
      return [{ type: 'cairn.registry.v1.WebhookRedeliveryRequested', data: { deliveryId, webhookId } }];
    }
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}
