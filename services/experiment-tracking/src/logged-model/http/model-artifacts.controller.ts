import type { CommandMeta } from '@cairn/kernel';
import { Fields, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta, type FastifyReply } from '@cairn/service';
import { Controller, Get, Inject, Param, Query, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ArtifactFiles } from '../../run/http/artifact-files.js';
import { safePath, type ArtifactOwner } from '../../run/http/artifact-path.js';
import { convertModelId } from './model-id.js';
import { modelNotFound } from './require-model.js';

/** MLflow REST: files of a logged model by its id, for web pages. Clients take them through the artifact proxy. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/logged-models/:modelId/artifacts'))
export class ModelArtifactsController {
  constructor(@Inject(ArtifactFiles) private readonly files: ArtifactFiles) {}

  @Get('directories')
  list(@Param('modelId') wireId: string, @Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    return this.files.page(ownerOf(wireId), fields.optionalText('artifact_directory_path'), fields.optionalText('page_token'), meta);
  }

  @Get('files')
  async file(@Param('modelId') wireId: string, @Query() query: unknown, @Meta() meta: CommandMeta, @Res() reply: FastifyReply): Promise<void> {
    await this.files.send(reply, ownerOf(wireId), safePath(new Fields(query).text('artifact_file_path')), meta);
  }
}

function ownerOf(wireId: string): ArtifactOwner {
  const id = convertModelId(wireId);
  if (id === undefined) throw modelNotFound(wireId);
  return { kind: 'logged-model', id };
}
