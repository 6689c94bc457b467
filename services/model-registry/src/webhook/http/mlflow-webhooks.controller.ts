import { newId, type Clock, type CommandMeta } from '@cairn/kernel';
import { Fields, limitOf, MlflowFilter, mlflowRoutes, offsetOf, pageToken } from '@cairn/mlflow';
import { CLOCK, Meta } from '@cairn/service';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DeliveryQueueQuery } from '../../webhook-delivery/views/delivery-queue/delivery-queue.query.js';
import { isMlflowEvent } from '../domain/hook-events.js';
import { WebhookSender } from '../sending/webhook-sender.js';
import { convertEvent, convertMlflowWebhook } from './convert.js';
import { exampleData } from './example-payload.js';
import { WebhooksHandler, type AskedSettings } from './webhooks.handler.js';

const MAX_RESULTS = { fallback: 100, max: 1_000 };

/** MLflow REST: webhooks. Those for events of ours alone are not listed here: MLflow's client can not read them. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/webhooks'))
export class MlflowWebhooksController {
  constructor(
    @Inject(WebhooksHandler) private readonly handler: WebhooksHandler,
    @Inject(DeliveryQueueQuery) private readonly webhooks: DeliveryQueueQuery,
    @Inject(WebhookSender) private readonly sender: WebhookSender,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(200)
  async create(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const asked = { ...askedOf(fields), name: fields.text('name'), url: fields.text('url'), events: fields.list('events').map(convertEvent) };
    return { webhook: convertMlflowWebhook(await this.handler.create(asked, meta)) };
  }

  @Get()
  async list(@Query() query: unknown, @Meta() { workspace }: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    const limit = limitOf(fields.optionalInteger('max_results'), MAX_RESULTS);
    const offset = offsetOf(fields.optionalText('page_token'));
    const rows = await this.webhooks.webhooks(workspace, { limit: limit + 1, offset });
    const shown = rows.slice(0, limit).filter(({ events }) => events.some(isMlflowEvent));
    return {
      ...(shown.length > 0 && { webhooks: shown.map(convertMlflowWebhook) }),
      ...(rows.length > limit && { next_page_token: pageToken([offset + limit]) }),
    };
  }

  @Get(':webhookId')
  async get(@Param('webhookId') webhookId: string, @Meta() meta: CommandMeta): Promise<object> {
    return { webhook: convertMlflowWebhook(await this.handler.require(webhookId, meta)) };
  }

  @Patch(':webhookId')
  async update(@Param('webhookId') webhookId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    return { webhook: convertMlflowWebhook(await this.handler.reconfigure(webhookId, askedOf(new Fields(body)), meta)) };
  }

  @Delete(':webhookId')
  async delete(@Param('webhookId') webhookId: string, @Meta() meta: CommandMeta): Promise<object> {
    await this.handler.delete(webhookId, meta);
    return {};
  }

  /** Sends an example at once and tells what came back. It is no delivery: nothing is recorded, and nothing is tried again. */
  @Post(':webhookId/test')
  @HttpCode(200)
  async test(@Param('webhookId') webhookId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const asked = new Fields(body).optionalInner('event');
    const row = await this.handler.require(webhookId, meta);
    const event = asked === undefined ? (row.events[0] ?? '') : convertEvent(asked);
    const [entity, action] = event.split('.');
    const payload = JSON.stringify({ entity, action, timestamp: this.clock.now(), data: exampleData(event), workspace: meta.workspace });
    let text = '';
    const answer = await this.sender.send(row, newId(), payload, (response) => (text = response.body));
    if (answer.kind === 'answered') return { result: { success: answer.status < 400, response_status: answer.status, response_body: text } };
    return { result: { success: false, error_message: `Failed to test webhook: ${answer.detail}` } };
  }
}

function askedOf(fields: Fields): AskedSettings {
  const texts = { name: fields.optionalText('name'), description: fields.optionalText('description'), url: fields.optionalText('url') };
  const more = { status: fields.optionalText('status'), secret: fields.optionalText('secret') };
  const events = fields.list('events').map(convertEvent);
  const present = Object.fromEntries(Object.entries({ ...texts, ...more }).filter(([, value]) => value !== undefined));
  return { ...present, ...(events.length > 0 && { events }) };
}
