import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { eventTime, keyOfToken, Meta, newIdFor, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ModelListQuery } from '../../registered-model/views/model-list/model-list.query.js';
import { freeze } from '../domain/decider.js';
import { FreezeListQuery } from '../views/freeze-list/freeze-list.query.js';
import type { FreezeRow } from '../views/freeze-list/freeze.entity.js';
import { DeclareFreezeDto, LiftFreezeDto } from './freeze.dto.js';

type FreezeJson = ReturnType<typeof convertFreeze>;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

@ApiTags('freezes')
@Controller('registry/v1/freezes')
export class FreezeController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(FreezeListQuery) private readonly freezes: FreezeListQuery,
  ) {}

  /** Holds for whatever needs the gate `not-frozen`. */
  @Post()
  async declare(@Body() { model, from, to, reason }: DeclareFreezeDto, @Meta() meta: CommandMeta): Promise<FreezeJson> {
    const freezeId = newIdFor(meta, 'freeze');
    const data = { freezeId, modelId: await this.modelId(model, meta), from: eventTime(from), to: eventTime(to), reason };
    await this.commands.handle(freeze, { type: 'DeclareFreeze', data, meta }, { id: freezeId });
    return convertFreeze(await this.require(freezeId, meta));
  }

  @Get()
  async list(@Query() { limit, page_token }: PageDto, @Meta() { workspace }: CommandMeta): Promise<Page<FreezeJson>> {
    const after = keyOfToken(page_token);
    if (after !== undefined && !UUID.test(after)) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    return pageOf(await this.freezes.list(workspace, limit + 1, after), limit, convertFreeze, ({ freezeId }) => freezeId);
  }

  @Post(':freezeId/lift')
  @HttpCode(200)
  async lift(@Param('freezeId', ParseUUIDPipe) freezeId: string, @Body() { reason }: LiftFreezeDto, @Meta() meta: CommandMeta): Promise<FreezeJson> {
    await this.require(freezeId, meta);
    await this.commands.handle(freeze, { type: 'LiftFreeze', data: { reason }, meta }, { id: freezeId });
    return convertFreeze(await this.require(freezeId, meta));
  }

  private async modelId(name: string | null | undefined, { workspace }: CommandMeta): Promise<string> {
    if (name === undefined || name === null) return '';
    const row = await this.models.find(workspace, name);
    if (row === null) throw new DomainError('MODEL_NOT_FOUND', `No registered model is named ${name}.`, 'missing');
    return row.modelId;
  }

  private async require(freezeId: string, { workspace }: CommandMeta): Promise<FreezeRow> {
    const row = await this.freezes.find(workspace, freezeId);
    if (row === null) throw new DomainError('FREEZE_NOT_FOUND', `No freeze has the id ${freezeId}.`, 'missing');
    return row;
  }
}

function convertFreeze({ freezeId, modelId, from, to, reason, declaredBy, liftedBy, liftedBecause }: FreezeRow) {
  return { freeze_id: freezeId, model_id: modelId, from, to, reason, declared_by: declaredBy, lifted_by: liftedBy, lifted_because: liftedBecause };
}
