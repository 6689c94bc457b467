import type { Decider, Refusal } from '@cairn/kernel';
import type { WebhookCommand, WebhookSettings } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { HOOK_EVENTS, isHookEvent } from './hook-events.js';
import { evolve, type WebhookEvent, type WebhookState } from './state.js';

export const webhook: Decider<WebhookState, WebhookCommand, WebhookEvent, Code> = {
  category: 'webhook',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

// As MLflow has it.
const NAME = /^[a-zA-Z0-9](?:[a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$/;
const MAX_DESCRIPTION_LENGTH = 1_000;
const STATUSES: readonly string[] = ['ACTIVE', 'DISABLED'];

function decide(command: WebhookCommand, state: WebhookState): readonly WebhookEvent[] | Refusal<Code> {
  switch (command.type) {
    case 'CreateWebhook': {
      if (state.status !== 'none') return refuse('WEBHOOK_EXISTS', 'A webhook with this id was created before.');
      const { webhookId, settings } = command.data;
      return whatIsWrong(settings) ?? [{ type: 'cairn.registry.v1.WebhookCreated', data: { webhookId, settings: tidied(settings) } }];
    }
    case 'ReconfigureWebhook': {
      if (state.status !== 'created') return refuse('WEBHOOK_NOT_FOUND', 'No webhook has this id.');
      const settings = tidied({ ...state.settings, ...command.data.changes });
      const wrong = whatIsWrong(settings);
      if (wrong !== undefined) return wrong;
      return same(settings, state.settings) ? [] : [{ type: 'cairn.registry.v1.WebhookReconfigured', data: { webhookId: state.webhookId, settings } }];
    }
    case 'DeleteWebhook':
      if (state.status === 'none') return refuse('WEBHOOK_NOT_FOUND', 'No webhook has this id.');
      return state.status === 'deleted' ? [] : [{ type: 'cairn.registry.v1.WebhookDeleted', data: { webhookId: state.webhookId } }];
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function whatIsWrong({ name, description, events, status }: WebhookSettings): Refusal<Code> | undefined {
  if (!NAME.test(name)) {
    return refuse('INVALID_WEBHOOK', 'The name of a webhook has 1 to 63 letters, digits, ".", "_" and "-", and begins and ends with a letter or digit.');
  }
  if (description.length > MAX_DESCRIPTION_LENGTH) return refuse('INVALID_WEBHOOK', `The description of a webhook has at most ${MAX_DESCRIPTION_LENGTH} characters.`);
  if (!STATUSES.includes(status)) return refuse('INVALID_WEBHOOK', `The status of a webhook is ${STATUSES.join(' or ')}.`);
  if (events.length === 0) return refuse('INVALID_WEBHOOK', 'A webhook needs at least one event.');
  const unknown = events.find((event) => !isHookEvent(event));
  if (unknown !== undefined) return refuse('INVALID_WEBHOOK', `There is no event "${unknown}". There are ${HOOK_EVENTS.join(', ')}.`);
  return undefined;
}

function tidied(settings: WebhookSettings): WebhookSettings {
  return { ...settings, events: [...new Set(settings.events)] };
}

function same(one: WebhookSettings, other: WebhookSettings): boolean {
  return (
    one.name === other.name &&
    one.description === other.description &&
    one.url === other.url &&
    one.status === other.status &&
    one.sealedSecret === other.sealedSecret &&
    one.events.join() === other.events.join()
  );
}
