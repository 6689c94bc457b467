import type { Plain, registry } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type WebhookSettings = Plain<registry.WebhookSettings>;

export type CreateWebhook = Command<'CreateWebhook', { readonly webhookId: string; readonly settings: WebhookSettings }>;
/** Absent fields stay as they are. */
export type ReconfigureWebhook = Command<'ReconfigureWebhook', { readonly changes: Partial<WebhookSettings> }>;
export type DeleteWebhook = Command<'DeleteWebhook', Readonly<Record<never, never>>>;

export type WebhookCommand = CreateWebhook | ReconfigureWebhook | DeleteWebhook;
