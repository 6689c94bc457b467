import { CommandHandler } from '@cairn/event-store';
import { DomainError, type CommandMeta } from '@cairn/kernel';
import { keyOfToken, Meta, newIdFor, PageDto, pageOf, type Page } from '@cairn/service';
import { Body, Controller, Get, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { registeredModel } from '../domain/decider.js';
import { ModelListQuery } from '../views/model-list/model-list.query.js';
import type { ModelRow } from '../views/model-list/model.entity.js';
import { convertModel, convertModelCard } from './convert.js';
import { DeclareGatesDto } from './declare-gates.dto.js';
import { RegisterModelDto } from './register-model.dto.js';
import { RegisterModelHandler } from './register-model.handler.js';

type ModelJson = ReturnType<typeof convertModel>;
type ModelCard = ReturnType<typeof convertModelCard>;

@ApiTags('models')
@Controller('registry/v1/models')
export class RegisteredModelController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(RegisterModelHandler) private readonly registration: RegisterModelHandler,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
  ) {}

  @Post()
  async register(@Body() body: RegisterModelDto, @Meta() meta: CommandMeta): Promise<ModelCard> {
    const { name, description } = body;
    await this.registration.register({ modelId: newIdFor(meta, 'model'), name, description, tags: [] }, meta);
    return this.card(await this.require(name, meta));
  }

  @Get()
  async list(@Query() { limit, page_token }: PageDto, @Meta() { workspace }: CommandMeta): Promise<Page<ModelJson>> {
    const rows = await this.models.list(workspace, limit + 1, keyOfToken(page_token));
    return pageOf(rows, limit, convertModel, ({ name }) => name);
  }

  @Get(':name')
  async find(@Param('name') name: string, @Meta() meta: CommandMeta): Promise<ModelCard> {
    return this.card(await this.require(name, meta));
  }

  @Put(':name/gates')
  async declareGates(@Param('name') name: string, @Body() data: DeclareGatesDto, @Meta() meta: CommandMeta): Promise<ModelCard> {
    const model = await this.require(name, meta);
    await this.commands.handle(registeredModel, { type: 'DeclareGates', data, meta }, { id: model.modelId });
    return this.card(model);
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
