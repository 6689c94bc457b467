import { CommandHandler } from '@cairn/event-store';
import { derivedId, type CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Body, Controller, Get, Inject, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertSpec } from '../../job/http/convert.js';
import { trigger } from '../domain/decider.js';
import { TriggerListQuery } from '../views/trigger-list/trigger-list.query.js';
import type { TriggerRow } from '../views/trigger-list/trigger.entity.js';
import { DeclareTriggerDto } from './declare-trigger.dto.js';

interface TriggerResponse {
  readonly trigger_id: string;
  readonly name: string;
  readonly on: string;
  readonly monitor: string;
  readonly fired: number;
}

@ApiTags('triggers')
@Controller('scheduler/v1/triggers')
export class TriggerController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(TriggerListQuery) private readonly triggers: TriggerListQuery,
  ) {}

  @Post()
  async declare(@Body() body: DeclareTriggerDto, @Meta() meta: CommandMeta): Promise<TriggerResponse> {
    const triggerId = derivedId('trigger', meta.workspace, body.name);
    const data = { triggerId, name: body.name, on: body.on, monitorName: body.monitor, spec: convertSpec(body.job) };
    await this.commands.handle(trigger, { type: 'DeclareTrigger', data, meta }, { id: triggerId });
    return { trigger_id: triggerId, name: body.name, on: body.on, monitor: body.monitor, fired: 0 };
  }

  @Get()
  async list(@Meta() meta: CommandMeta): Promise<{ items: TriggerResponse[] }> {
    return { items: (await this.triggers.list(meta.workspace)).map(convertTrigger) };
  }
}

function convertTrigger(row: TriggerRow): TriggerResponse {
  return { trigger_id: row.triggerId, name: row.name, on: 'incident-opened', monitor: row.monitorName, fired: row.fired };
}
