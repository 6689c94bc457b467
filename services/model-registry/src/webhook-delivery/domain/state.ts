import type { EventOf, registry } from '@cairn/contracts';

export type DeliveryEvent = EventOf<registry.WebhookDeliveryAttempted | registry.WebhookRedeliveryRequested>;

export interface DeliveryState {
  readonly attempts: number;
  readonly isOver: boolean;
}

export function evolve(state: DeliveryState, event: DeliveryEvent): DeliveryState {
  switch (event.type) {
    case 'cairn.registry.v1.WebhookDeliveryAttempted':
      return { attempts: event.data.attempt, isOver: event.data.outcome !== 'retry' };
    case 'cairn.registry.v1.WebhookRedeliveryRequested':
      return { ...state, isOver: false };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
