import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, Delete, Get, HttpCode, Inject, Patch, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertMlflowVersion } from '../../model-version/http/convert.js';
import { VersionListQuery } from '../../model-version/views/version-list/version-list.query.js';
import type { RegisteredModelCommand } from '../domain/commands.js';
import { registeredModel } from '../domain/decider.js';
import { ModelListQuery } from '../views/model-list/model-list.query.js';
import type { ModelRow } from '../views/model-list/model.entity.js';
import { STAGES, stageOf, type Stage } from '../domain/stage.js';
import { convertMlflowModel, convertTags, MAX_DESCRIPTION_LENGTH, shortText } from './convert.js';
import { ModelLifecycleHandler } from './model-lifecycle.handler.js';

/** MLflow REST: what is said about a model after its creation. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/registered-models'))
export class MlflowModelEditsController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ModelLifecycleHandler) private readonly lifecycle: ModelLifecycleHandler,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  @Patch('update')
  async update(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const { modelId, name } = await this.handle(fields, { type: 'DescribeModel', data: { description: shortText(fields, 'description', MAX_DESCRIPTION_LENGTH) }, meta });
    return this.show(modelId, name, meta);
  }

  @Post('rename')
  @HttpCode(200)
  async rename(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const [name, newName] = [fields.text('name'), fields.text('new_name')];
    const { modelId } = await this.require(name, meta);
    await this.lifecycle.rename(modelId, newName, meta);
    return this.show(modelId, newName, meta);
  }

  /** As in MLflow everything is gone, and the name is free; `POST /registry/v1/models/{id}/restore` brings it back. */
  @Delete('delete')
  async delete(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const { modelId } = await this.require(new Fields(body).text('name'), meta);
    await this.lifecycle.delete(modelId, meta);
    return {};
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

  /** The newest version of each stage that is asked for, or of all. */
  @Post('get-latest-versions')
  @HttpCode(200)
  async latest(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const stages = fields.texts('stages').map(requireStage);
    const { modelId } = await this.require(fields.text('name'), meta);
    const [latest, aliases] = await Promise.all([this.versions.latest([modelId]), this.models.aliases([modelId])]);
    const asked = latest.filter(({ stage }) => stages.length === 0 || stages.some((one) => one === stage));
    return asked.length === 0 ? {} : { model_versions: asked.map((version) => convertMlflowVersion(version, aliases)) };
  }

  private async show(modelId: string, name: string, { workspace }: CommandMeta): Promise<object> {
    const [model, latest, aliases] = await Promise.all([this.models.findById(workspace, modelId), this.versions.latest([modelId]), this.models.aliases([modelId])]);
    if (model === null) throw notFound(name);
    return { registered_model: convertMlflowModel(model, latest, aliases) };
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

function requireStage(text: string): Stage {
  const stage = stageOf(text);
  if (stage === undefined) throw invalidParameter(`Invalid Model Version stage: ${text}. Value must be one of ${STAGES.join(', ')}.`);
  return stage;
}
