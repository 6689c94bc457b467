import type { EventOf, registry } from '@cairn/contracts';
import type { WebhookSettings } from './commands.js';

export type WebhookEvent = EventOf<registry.WebhookCreated | registry.WebhookReconfigured | registry.WebhookDeleted>;

export type WebhookState =
  | { readonly status: 'none' }
  | { readonly status: 'created'; readonly webhookId: string; readonly settings: WebhookSettings }
  | { readonly status: 'deleted' };

export const NO_SETTINGS: WebhookSettings = { name: '', description: '', url: '', events: [], status: 'ACTIVE', sealedSecret: '' };

export function evolve(state: WebhookState, event: WebhookEvent): WebhookState {
  switch (event.type) {
    case 'cairn.registry.v1.WebhookCreated':
    case 'cairn.registry.v1.WebhookReconfigured':
      return { status: 'created', webhookId: event.data.webhookId, settings: event.data.settings ?? NO_SETTINGS };
    case 'cairn.registry.v1.WebhookDeleted':
      return state.status === 'none' ? state : { status: 'deleted' };
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
