import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { WebhookCommand, WebhookSettings } from './commands.js';
import { webhook } from './decider.js';
import type { WebhookEvent } from './state.js';

const meta = testMeta();
const settings: WebhookSettings = { name: 'ci', description: '', url: 'https://ci.example/hook', events: ['model_version.created'], status: 'ACTIVE', sealedSecret: '' };
const create = (changes: Partial<WebhookSettings> = {}): WebhookCommand => ({ type: 'CreateWebhook', data: { webhookId: 'w', settings: { ...settings, ...changes } }, meta });
const change = (changes: Partial<WebhookSettings>): WebhookCommand => ({ type: 'ReconfigureWebhook', data: { changes }, meta });
const remove: WebhookCommand = { type: 'DeleteWebhook', data: {}, meta };
const created: WebhookEvent = { type: 'cairn.registry.v1.WebhookCreated', data: { webhookId: 'w', settings } };
const changed = (changes: Partial<WebhookSettings>): WebhookEvent => ({
  type: 'cairn.registry.v1.WebhookReconfigured', data: { webhookId: 'w', settings: { ...settings, ...changes } },
});
const deleted: WebhookEvent = { type: 'cairn.registry.v1.WebhookDeleted', data: { webhookId: 'w' } };

describe('webhook', () => {
  const { given } = deciderSpec(webhook);

  it('is created once, for events that there are', () => {
    given([]).when(create()).then([created]);
    given([]).when(create({ events: ['model_version.created', 'model_version.created'] })).then([created]);
    given([created]).when(create()).thenRefused('WEBHOOK_EXISTS');
    given([]).when(create({ events: [] })).thenRefused('INVALID_WEBHOOK');
    given([]).when(create({ events: ['run.finished'] })).thenRefused('INVALID_WEBHOOK', /registered_model.created/);
    for (const name of ['', '-a', 'a-', 'a b', 'n'.repeat(64)]) given([]).when(create({ name })).thenRefused('INVALID_WEBHOOK');
    given([]).when(create({ status: 'PAUSED' })).thenRefused('INVALID_WEBHOOK');
    given([]).when(create({ description: 'd'.repeat(1_001) })).thenRefused('INVALID_WEBHOOK');
  });

  it('changes what is named and keeps the rest', () => {
    given([created]).when(change({ status: 'DISABLED' })).then([changed({ status: 'DISABLED' })]);
    given([created]).when(change({})).thenNothing();
    given([created]).when(change({ events: [] })).thenRefused('INVALID_WEBHOOK');
    given([]).when(change({})).thenRefused('WEBHOOK_NOT_FOUND');
    given([created, deleted]).when(change({ name: 'cd' })).thenRefused('WEBHOOK_NOT_FOUND');
  });

  it('is deleted once', () => {
    given([created]).when(remove).then([deleted]);
    given([created, deleted]).when(remove).thenNothing();
    given([]).when(remove).thenRefused('WEBHOOK_NOT_FOUND');
  });
});
