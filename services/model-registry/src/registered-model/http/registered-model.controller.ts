import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, newIdFor, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { registeredModel } from '../domain/decider.js';
import { ModelListQuery } from '../views/model-list/model-list.query.js';
import type { ModelRow } from '../views/model-list/model.entity.js';
import { convertTarget, targetName } from '../../model-version/http/target.dto.js';
import { convertBudget, convertDeletedModel, convertModel, convertModelCard } from './convert.js';
import { DeclareGatesDto } from './declare-gates.dto.js';
import { ModelLifecycleHandler } from './model-lifecycle.handler.js';
import { RegisterModelDto } from './register-model.dto.js';
import { RegisterModelHandler } from './register-model.handler.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type ModelJson = ReturnType<typeof convertModel>;
type ModelCard = ReturnType<typeof convertModelCard>;

@ApiTags('models')
@Controller('registry/v1')
export class RegisteredModelController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(RegisterModelHandler) private readonly registration: RegisterModelHandler,
    @Inject(ModelLifecycleHandler) private readonly lifecycle: ModelLifecycleHandler,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
  ) {}

  @Post('models')
  async register(@Body() body: RegisterModelDto, @Meta() meta: CommandMeta): Promise<ModelCard> {
    const { name, description } = body;
    await this.registration.register({ modelId: newIdFor(meta, 'model'), name, description, tags: [] }, meta);
    return this.card(await this.require(name, meta));
  }

  @Get('models')
  async list(@Query() { limit, page_token }: PageDto, @Meta() { workspace }: CommandMeta): Promise<Page<ModelJson>> {
    const rows = await this.models.list(workspace, limit + 1, keyOfToken(page_token));
    return pageOf(rows, limit, convertModel, ({ name }) => name);
  }

  @Get('models/:name')
  async find(@Param('name') name: string, @Meta() meta: CommandMeta): Promise<ModelCard> {
    return this.card(await this.require(name, meta));
  }

  @Put('models/:name/gates')
  async declareGates(@Param('name') name: string, @Body() body: DeclareGatesDto, @Meta() meta: CommandMeta): Promise<ModelCard> {
    const { gates } = body;
    const budget = body.budget ?? undefined;
    const data = { alias: targetName(convertTarget(body)), gates, ...(budget !== undefined && { budget: convertBudget(budget) }) };
    const model = await this.require(name, meta);
    await this.commands.handle(registeredModel, { type: 'DeclareGates', data, meta }, { id: model.modelId });
    return this.card(model);
  }

  /** Deleted models, which a restore brings back by their ids. */
  @Get('deleted-models')
  async listDeleted(@Query() { limit, page_token }: PageDto, @Meta() { workspace }: CommandMeta): Promise<Page<ReturnType<typeof convertDeletedModel>>> {
    const after = keyOfToken(page_token);
    if (after !== undefined && !UUID.test(after)) throw new DomainError('INVALID_PAGE_TOKEN', 'This page token was not given out by this list.', 'invalid');
    return pageOf(await this.models.listDeleted(workspace, limit + 1, after), limit, convertDeletedModel, ({ modelId }) => modelId);
  }

  /** 409 when somebody else has the name now. Aliases that do not pass their gates again are listed as lost, with the reason. */
  @Post('models/:modelId/restore')
  @HttpCode(200)
  async restore(@Param('modelId', ParseUUIDPipe) modelId: string, @Meta() meta: CommandMeta): Promise<ModelCard & { readonly lost_aliases: readonly object[] }> {
    if ((await this.models.findById(meta.workspace, modelId)) === null) throw notFound(modelId);
    const lost = await this.lifecycle.restore(modelId, meta);
    const row = await this.models.findById(meta.workspace, modelId);
    if (row === null) throw notFound(modelId);
    return { ...(await this.card(row)), lost_aliases: lost.map(({ alias, versionId, reason }) => ({ alias, version_id: versionId, reason })) };
  }

  private async card(model: ModelRow): Promise<ModelCard> {
    const [aliases, policies] = await Promise.all([this.models.aliases([model.modelId]), this.models.gatePolicies(model.modelId)]);
    return convertModelCard(model, aliases, policies);
  }

  private async require(name: string, { workspace }: CommandMeta): Promise<ModelRow> {
    const row = await this.models.find(workspace, name);
    if (row === null) throw new DomainError('MODEL_NOT_FOUND', `No registered model is named ${name}.`, 'missing');
    return row;
  }
}

function notFound(modelId: string): DomainError {
  return new DomainError('MODEL_NOT_FOUND', `No registered model has the id ${modelId}.`, 'missing');
}
