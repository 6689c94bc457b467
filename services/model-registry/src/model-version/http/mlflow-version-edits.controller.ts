import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, Delete, HttpCode, Inject, Patch, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertTags, MAX_DESCRIPTION_LENGTH, shortText } from '../../registered-model/http/convert.js';
import { registeredModel } from '../../registered-model/domain/decider.js';
import { isActive, STAGES, stageOf } from '../../registered-model/domain/stage.js';
import { ModelListQuery } from '../../registered-model/views/model-list/model-list.query.js';
import type { ModelVersionCommand } from '../domain/commands.js';
import { modelVersion } from '../domain/decider.js';
import { VersionListQuery } from '../views/version-list/version-list.query.js';
import type { VersionRow } from '../views/version-list/version.entity.js';
import { convertMlflowVersion } from './convert.js';
import { GatesHandler } from './gates.handler.js';

/** MLflow REST: what is said about a version after its creation. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/model-versions'))
export class MlflowVersionEditsController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(GatesHandler) private readonly gates: GatesHandler,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  @Patch('update')
  async update(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const before = await this.handle(fields, { type: 'DescribeVersion', data: { description: shortText(fields, 'description', MAX_DESCRIPTION_LENGTH) }, meta });
    return this.show(before, meta);
  }

  /** Where gates guard the stage they decide, and a plain client reads why not. */
  @Post('transition-stage')
  @HttpCode(200)
  async transition(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const version = await this.require(fields, meta);
    const stage = stageOf(fields.text('stage'));
    if (stage === undefined) throw invalidParameter(`Invalid Model Version stage: ${fields.text('stage')}. Value must be one of ${STAGES.join(', ')}.`);
    const archiveOthers = fields.optionalFlag('archive_existing_versions') ?? false;
    if (isActive(stage)) {
      await this.gates.promote(version, { stage, archiveOthers }, meta);
    } else {
      const data = { versionId: version.versionId, stage, archiveOthers };
      await this.commands.handle(registeredModel, { type: 'MoveToStage', data, meta }, { id: version.modelId });
    }
    return this.show(version, meta);
  }

  /** Its number is never given again. `POST /registry/v1/versions/{id}/restore` brings it back, without aliases and stage. */
  @Delete('delete')
  async delete(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const { versionId, modelId } = await this.require(new Fields(body), meta);
    await this.commands.handle(registeredModel, { type: 'DeleteVersion', data: { versionId }, meta }, { id: modelId });
    return {};
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
    const row = await this.require(fields, command.meta);
    await this.commands.handle(modelVersion, command, { id: row.versionId });
    return row;
  }

  private async show(before: VersionRow, { workspace }: CommandMeta): Promise<object> {
    const row = (await this.versions.find(workspace, before.versionId)) ?? before;
    return { model_version: convertMlflowVersion(row, await this.models.aliases([row.modelId])) };
  }

  private async require(fields: Fields, { workspace }: CommandMeta): Promise<VersionRow> {
    const [name, version] = [fields.text('name'), fields.version('version')];
    const row = await this.versions.findByNumber(workspace, name, version);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`);
    return row;
  }
}
