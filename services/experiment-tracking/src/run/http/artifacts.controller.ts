import { Readable } from 'node:stream';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { ObjectStoreError, type ObjectStore } from '@cairn/object-store';
import { Meta, OBJECT_STORE, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ArtifactFiles } from './artifact-files.js';
import { ArtifactOwners } from './artifact-owners.js';
import { safePath, splitFilePath, splitProxyPath } from './artifact-path.js';

/** What MLflow's web pages may upload at once. */
const MAX_FORM_BYTES = 10 * 1024 * 1024;

/** MLflow REST: the artifact proxy, and files by run. Bytes go through as streams; the run or the logged model records path, digest and size. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller()
export class ArtifactsController {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ArtifactFiles) private readonly files: ArtifactFiles,
    @Inject(ArtifactOwners) private readonly owners: ArtifactOwners,
  ) {}

  @Put(mlflowRoutes('mlflow-artifacts/artifacts/*'))
  async upload(@Param('*') proxyPath: string, @Req() request: FastifyRequest, @Meta() meta: CommandMeta): Promise<object> {
    const { owner, path } = splitFilePath(proxyPath);
    await this.owners.requireWritable(owner, meta);
    await this.owners.log(owner, path, await this.objects.put(bodyOf(request)), meta);
    return {};
  }

  @Get(mlflowRoutes('mlflow-artifacts/artifacts/*'))
  async download(@Param('*') proxyPath: string, @Meta() meta: CommandMeta, @Res() reply: FastifyReply): Promise<void> {
    const { owner, path } = splitProxyPath(proxyPath);
    await this.files.send(reply, owner, path, meta);
  }

  /** A file, or a folder with everything in it; what is not there is removed already. The log keeps that it was there. */
  @Delete(mlflowRoutes('mlflow-artifacts/artifacts/*'))
  async remove(@Param('*') proxyPath: string, @Meta() meta: CommandMeta): Promise<object> {
    const { owner, path } = splitProxyPath(proxyPath);
    await this.owners.requireWritable(owner, meta);
    await this.owners.remove(owner, path, meta);
    return {};
  }

  @Get(mlflowRoutes('mlflow-artifacts/artifacts'))
  async listProxy(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const { owner, path } = splitProxyPath(new Fields(query).text('path'));
    return this.files.folder(owner, path, meta);
  }

  @Get(mlflowRoutes('mlflow/artifacts/list'))
  async list(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    const owner = await this.owners.ownerOfRun(fields.text('run_id', 'run_uuid'), meta);
    return this.files.page(owner, fields.optionalText('path'), fields.optionalText('page_token'), meta);
  }

  @Get(['get-artifact', ...mlflowRoutes('mlflow/get-artifact')])
  async file(@Query() query: unknown, @Meta() meta: CommandMeta, @Res() reply: FastifyReply): Promise<void> {
    const fields = new Fields(query);
    const path = safePath(fields.text('path'));
    await this.files.send(reply, await this.owners.ownerOfRun(fields.text('run_id', 'run_uuid'), meta), path, meta);
  }

  @Post(mlflowRoutes('mlflow/upload-artifact'))
  @HttpCode(200)
  async uploadForm(@Query() query: unknown, @Req() request: FastifyRequest, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    const path = safePath(fields.text('path'));
    const owner = await this.owners.ownerOfRun(fields.text('run_uuid', 'run_id'), meta);
    await this.owners.requireWritable(owner, meta);
    const stored = await this.objects.put(bodyOf(request), { maxBytes: MAX_FORM_BYTES }).catch((error: unknown) => {
      if (error instanceof ObjectStoreError && error.code === 'TOO_LARGE') throw invalidParameter('Artifact size is too large. Max size is 10MB.');
      throw error;
    });
    if (stored.sizeBytes === 0) throw invalidParameter('Request must specify data.');
    await this.owners.log(owner, path, stored, meta);
    return {};
  }
}

function bodyOf({ body }: FastifyRequest): Readable {
  return body instanceof Readable ? body : Readable.from([]);
}
