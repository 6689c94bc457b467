import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { newIdFor, SERVICE_SETTINGS } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import type { RegistrySettings } from '../../config.js';
import { DeliveryQueueQuery } from '../../webhook-delivery/views/delivery-queue/delivery-queue.query.js';
import type { WebhookRow } from '../../webhook-delivery/views/delivery-queue/delivery.entity.js';
import type { WebhookSettings } from '../domain/commands.js';
import { webhook } from '../domain/decider.js';
import { SecretSeal } from '../sending/sealed-secret.js';
import { urlProblem } from '../sending/webhook-url.js';

/** Each fact is compared with all of them. */
const MAX_WEBHOOKS = 100;
const MAX_SECRET_LENGTH = 1_000;

export interface AskedSettings {
  readonly name?: string;
  readonly description?: string;
  readonly url?: string;
  readonly events?: readonly string[];
  readonly status?: string;
  readonly secret?: string;
}

/** Creates and changes webhooks: checks where they lead, and seals their secrets before anything is recorded. */
@Injectable()
export class WebhooksHandler {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(DeliveryQueueQuery) private readonly webhooks: DeliveryQueueQuery,
    @Inject(SecretSeal) private readonly seal: SecretSeal,
    @Inject(SERVICE_SETTINGS) private readonly settings: RegistrySettings,
  ) {}

  /** Throws DomainError INVALID_WEBHOOK, TOO_MANY_WEBHOOKS. */
  async create(asked: AskedSettings, meta: CommandMeta): Promise<WebhookRow> {
    const webhookId = newIdFor(meta, 'webhook');
    if ((await this.webhooks.countOf(meta.workspace)) >= MAX_WEBHOOKS) {
      throw new DomainError('TOO_MANY_WEBHOOKS', `A workspace has at most ${MAX_WEBHOOKS} webhooks. Delete one of them first.`, 'invalid');
    }
    const changes = await this.checked(asked, webhookId);
    const settings = { name: '', description: '', url: '', events: [], status: 'ACTIVE', sealedSecret: '', ...changes };
    await this.commands.handle(webhook, { type: 'CreateWebhook', data: { webhookId, settings }, meta }, { id: webhookId });
    return this.require(webhookId, meta);
  }

  /** What is absent stays as it is. Throws DomainError WEBHOOK_NOT_FOUND, INVALID_WEBHOOK. */
  async reconfigure(webhookId: string, asked: AskedSettings, meta: CommandMeta): Promise<WebhookRow> {
    await this.require(webhookId, meta);
    const changes = await this.checked(asked, webhookId);
    await this.commands.handle(webhook, { type: 'ReconfigureWebhook', data: { changes }, meta }, { id: webhookId });
    return this.require(webhookId, meta);
  }

  async delete(webhookId: string, meta: CommandMeta): Promise<void> {
    await this.require(webhookId, meta);
    await this.commands.handle(webhook, { type: 'DeleteWebhook', data: {}, meta }, { id: webhookId });
  }

  /** Throws DomainError WEBHOOK_NOT_FOUND. */
  async require(webhookId: string, { workspace }: CommandMeta): Promise<WebhookRow> {
    const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(webhookId);
    const row = isId ? await this.webhooks.webhook(workspace, webhookId) : null;
    if (row === null) throw new DomainError('WEBHOOK_NOT_FOUND', `Webhook with ID ${webhookId.slice(0, 100)} not found.`, 'missing');
    return row;
  }

  private async checked({ secret, url, ...rest }: AskedSettings, webhookId: string): Promise<Partial<WebhookSettings>> {
    const problem = url === undefined ? undefined : urlProblem(url, this.settings.webhooks);
    if (problem !== undefined) throw new DomainError('INVALID_WEBHOOK', problem, 'invalid');
    if (secret !== undefined && secret.length > MAX_SECRET_LENGTH) {
      throw new DomainError('INVALID_WEBHOOK', `The secret of a webhook has at most ${MAX_SECRET_LENGTH} characters.`, 'invalid');
    }
    const sealedSecret = secret === undefined || secret === '' ? secret : await this.seal.seal(secret, webhookId);
    return { ...rest, ...(url !== undefined && { url }), ...(sealedSecret !== undefined && { sealedSecret }) };
  }
}
