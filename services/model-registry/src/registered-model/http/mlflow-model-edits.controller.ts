import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, Delete, Get, HttpCode, Inject, Patch, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertMlflowVersion } from '../../model-version/http/convert.js';
import { VersionListQuery } from '../../model-version/views/version-list/version-list.query.js';
import type { RegisteredModelCommand } from '../domain/commands.js';
import { registeredModel } from '../domain/decider.js';
import { ModelListQuery } from '../views/model-list/model-list.query.js';
import type { ModelRow } from '../views/model-list/model.entity.js';
import { convertMlflowModel, convertTags } from './convert.js';

/** MLflow REST: what is said about a model after its creation. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/registered-models'))
export class MlflowModelEditsController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  @Patch('update')
  async update(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const { modelId, name } = await this.handle(fields, { type: 'DescribeModel', data: { description: fields.optionalText('description') ?? '' }, meta });
    const [model, [latest], aliases] = await Promise.all([this.models.find(meta.workspace, name), this.versions.latest([modelId]), this.models.aliases([modelId])]);
    if (model === null) throw notFound(name);
    return { registered_model: convertMlflowModel(model, latest, aliases) };
  }

  @Post('set-tag')
  @HttpCode(200)
  async setTag(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    await this.handle(fields, { type: 'SetModelTags', data: { tags: convertTags([fields]) }, meta });
    return {};
  }

  @Delete('delete-tag')
  async deleteTag(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    await this.handle(fields, { type: 'RemoveModelTag', data: { key: fields.text('key') }, meta });
    return {};
  }

  @Get('get-latest-versions')
  latestByQuery(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    return this.latest(query, meta);
  }

  /** Without stages every version has stage `None`: its newest one is the latest. */
  @Post('get-latest-versions')
  @HttpCode(200)
  async latest(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const stages = fields.texts('stages').map((stage) => stage.toLowerCase());
    const { modelId } = await this.require(fields.text('name'), meta);
    const [latest] = stages.length === 0 || stages.includes('none') ? await this.versions.latest([modelId]) : [];
    return latest === undefined ? {} : { model_versions: [convertMlflowVersion(latest, await this.models.aliases([modelId]))] };
  }

  private async handle(fields: Fields, command: RegisteredModelCommand): Promise<ModelRow> {
    const model = await this.require(fields.text('name'), command.meta);
    await this.commands.handle(registeredModel, command, { id: model.modelId });
    return model;
  }

  private async require(name: string, { workspace }: CommandMeta): Promise<ModelRow> {
    const row = await this.models.find(workspace, name);
    if (row === null) throw notFound(name);
    return row;
  }
}

function notFound(name: string): MlflowError {
  return new MlflowError('RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${name} not found`);
}
