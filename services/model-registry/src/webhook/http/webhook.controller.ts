import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { webhookDelivery } from '../../webhook-delivery/domain/decider.js';
import { DeliveryQueueQuery } from '../../webhook-delivery/views/delivery-queue/delivery-queue.query.js';
import type { DeliveryRow } from '../../webhook-delivery/views/delivery-queue/delivery.entity.js';
import { convertDelivery, convertWebhook } from './convert.js';
import { CreateWebhookDto, DeliveriesDto, RedeliverDto } from './webhook.dto.js';
import { WebhooksHandler } from './webhooks.handler.js';

type WebhookJson = ReturnType<typeof convertWebhook>;
type DeliveryJson = ReturnType<typeof convertDelivery>;

const MAX_WEBHOOKS = 1_000;
const MAX_REDELIVERED = 1_000;
const PLACE = /^\d{19}\.\d{5}$/;

/** Webhooks for every event of the registry, and what became of their deliveries. */
@ApiTags('webhooks')
@Controller('registry/v1/webhooks')
export class WebhookController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(WebhooksHandler) private readonly handler: WebhooksHandler,
    @Inject(DeliveryQueueQuery) private readonly queue: DeliveryQueueQuery,
  ) {}

  @Post()
  async create(@Body() body: CreateWebhookDto, @Meta() meta: CommandMeta): Promise<WebhookJson> {
    const { name, url, events, description, secret, status } = body;
    return convertWebhook(await this.handler.create({ name, url, events, ...present({ description, secret, status }) }, meta));
  }

  /** All of them, in the order of their creation. */
  @Get()
  async list(@Meta() { workspace }: CommandMeta): Promise<{ readonly items: readonly WebhookJson[] }> {
    return { items: (await this.queue.webhooks(workspace, { limit: MAX_WEBHOOKS, offset: 0 })).map(convertWebhook) };
  }

  @Get(':webhookId')
  async find(@Param('webhookId') webhookId: string, @Meta() meta: CommandMeta): Promise<WebhookJson> {
    return convertWebhook(await this.handler.require(webhookId, meta));
  }

  @Delete(':webhookId')
  async delete(@Param('webhookId') webhookId: string, @Meta() meta: CommandMeta): Promise<object> {
    await this.handler.delete(webhookId, meta);
    return {};
  }

  /** Newest first. */
  @Get(':webhookId/deliveries')
  async deliveries(@Param('webhookId') webhookId: string, @Query() { limit, page_token, status }: DeliveriesDto, @Meta() meta: CommandMeta): Promise<Page<DeliveryJson>> {
    await this.handler.require(webhookId, meta);
    const below = keyOfToken(page_token);
    if (below !== undefined && !PLACE.test(below)) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    const rows = await this.queue.deliveries(webhookId, { limit: limit + 1, ...(below !== undefined && { below }), ...(status !== undefined && { status }) });
    return pageOf(rows, limit, convertDelivery, ({ place }) => place);
  }

  /** Queues deliveries once more, behind what waits already, under their ids and with their payloads. */
  @Post(':webhookId/redeliver')
  @HttpCode(202)
  async redeliver(@Param('webhookId') webhookId: string, @Body() { delivery_ids }: RedeliverDto, @Meta() meta: CommandMeta): Promise<{ readonly redelivered: number }> {
    await this.handler.require(webhookId, meta);
    const rows = await (delivery_ids === undefined ? this.failed(webhookId) : this.named(webhookId, delivery_ids));
    for (const { deliveryId, status } of rows) {
      const data = { deliveryId, webhookId, isWaiting: status === 'pending' };
      const commandId = derivedId('redeliver', meta.commandId, deliveryId);
      await this.commands.handle(webhookDelivery, { type: 'RequestRedelivery', data, meta: { ...meta, commandId } }, { id: deliveryId });
    }
    return { redelivered: rows.length };
  }

  /** Oldest first. */
  private async failed(webhookId: string): Promise<DeliveryRow[]> {
    return (await this.queue.deliveries(webhookId, { limit: MAX_REDELIVERED, status: 'failed' })).reverse();
  }

  private async named(webhookId: string, ids: readonly string[]): Promise<DeliveryRow[]> {
    const rows: DeliveryRow[] = [];
    for (const id of new Set(ids)) {
      const row = await this.queue.delivery(webhookId, id);
      if (row === null) throw new DomainError('DELIVERY_NOT_FOUND', `The webhook has no delivery ${id}.`, 'missing');
      rows.push(row);
    }
    return rows;
  }
}

/** Without what is absent, or null. */
function present(fields: Readonly<Record<string, string | null | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
