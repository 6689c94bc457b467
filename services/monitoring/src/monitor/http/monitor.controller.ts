import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { keyOfToken, Meta, OBJECT_STORE, PageDto, pageOf } from '@cairn/service';
import { Body, Controller, Get, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { monitor } from '../domain/decider.js';
import { MonitorListQuery } from '../views/monitor-list/monitor-list.query.js';
import type { MonitorRow } from '../views/monitor-list/monitor.entity.js';
import { WindowHistoryQuery } from '../views/window-history/window-history.query.js';
import { ChangeReferenceDto } from './change-reference.dto.js';
import { convertMonitor, convertThresholds, convertWindow, type MonitorResponse } from './convert.js';
import { DeclareMonitorDto } from './declare-monitor.dto.js';

@ApiTags('monitors')
@Controller('monitoring/v1/monitors')
export class MonitorController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(MonitorListQuery) private readonly monitors: MonitorListQuery,
    @Inject(WindowHistoryQuery) private readonly windows: WindowHistoryQuery,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  @Post()
  async declare(@Body() body: DeclareMonitorDto, @Meta() meta: CommandMeta): Promise<MonitorResponse> {
    await this.refuseUnknownObject(body.reference_digest);
    const monitorId = derivedId('monitor', meta.workspace, body.name);
    const data = {
      monitorId,
      name: body.name,
      deploymentName: body.deployment,
      referenceTrainingSetId: body.reference_training_set_id,
      referenceDigest: body.reference_digest,
      features: body.features,
      thresholds: convertThresholds(body.thresholds),
    };
    await this.commands.handle(monitor, { type: 'DeclareMonitor', data, meta }, { id: monitorId });
    return convertMonitor(await this.require(meta, body.name));
  }

  @Get()
  async list(@Meta() meta: CommandMeta): Promise<{ items: MonitorResponse[] }> {
    return { items: (await this.monitors.list(meta.workspace)).map(convertMonitor) };
  }

  @Get(':name')
  async find(@Param('name') name: string, @Meta() meta: CommandMeta): Promise<MonitorResponse> {
    return convertMonitor(await this.require(meta, name));
  }

  @Put(':name/reference')
  async changeReference(@Param('name') name: string, @Body() body: ChangeReferenceDto, @Meta() meta: CommandMeta): Promise<MonitorResponse> {
    await this.refuseUnknownObject(body.digest);
    const { monitorId } = await this.require(meta, name);
    const data = { monitorId, trainingSetId: body.training_set_id, digest: body.digest };
    await this.commands.handle(monitor, { type: 'ChangeReference', data, meta }, { id: monitorId });
    return convertMonitor(await this.require(meta, name));
  }

  @Get(':name/windows')
  async history(@Param('name') name: string, @Query() { limit, page_token }: PageDto, @Meta() meta: CommandMeta) {
    const { monitorId } = await this.require(meta, name);
    const rows = await this.windows.list(monitorId, limit, keyOfToken(page_token));
    return pageOf(rows, limit, convertWindow, (row) => row.windowStart);
  }

  private async require(meta: CommandMeta, name: string): Promise<MonitorRow> {
    const row = await this.monitors.find(meta.workspace, name);
    if (row === null) throw new DomainError('MONITOR_NOT_FOUND', `No monitor is named ${name}.`, 'missing');
    return row;
  }

  private async refuseUnknownObject(digest: string): Promise<void> {
    if (await this.objects.has(digest as Digest)) return;
    throw new DomainError('REFERENCE_NOT_FOUND', `No stored data has the digest ${digest}. Build the training set first.`, 'unmet');
  }
}
