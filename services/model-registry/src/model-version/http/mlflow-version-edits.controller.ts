import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, Delete, HttpCode, Inject, Patch, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertTags } from '../../registered-model/http/convert.js';
import { ModelListQuery } from '../../registered-model/views/model-list/model-list.query.js';
import type { ModelVersionCommand } from '../domain/commands.js';
import { modelVersion } from '../domain/decider.js';
import { VersionListQuery } from '../views/version-list/version-list.query.js';
import type { VersionRow } from '../views/version-list/version.entity.js';
import { convertMlflowVersion } from './convert.js';

/** MLflow REST: what is said about a version after its creation. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/model-versions'))
export class MlflowVersionEditsController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  @Patch('update')
  async update(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const before = await this.handle(fields, { type: 'DescribeVersion', data: { description: fields.optionalText('description') ?? '' }, meta });
    const row = (await this.versions.find(meta.workspace, before.versionId)) ?? before;
    return { model_version: convertMlflowVersion(row, await this.models.aliases([row.modelId])) };
  }

  @Post('set-tag')
  @HttpCode(200)
  async setTag(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    await this.handle(fields, { type: 'SetVersionTags', data: { tags: convertTags([fields]) }, meta });
    return {};
  }

  @Delete('delete-tag')
  async deleteTag(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    await this.handle(fields, { type: 'RemoveVersionTag', data: { key: fields.text('key') }, meta });
    return {};
  }

  private async handle(fields: Fields, command: ModelVersionCommand): Promise<VersionRow> {
    const [name, version] = [fields.text('name'), fields.integer('version')];
    const row = await this.versions.findByNumber(command.meta.workspace, name, version);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`);
    await this.commands.handle(modelVersion, command, { id: row.versionId });
    return row;
  }
}
