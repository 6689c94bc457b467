import { Readable } from 'node:stream';
import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { Meta, OBJECT_STORE, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Controller, Get, Inject, Param, Put, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { run } from '../domain/decider.js';
import { ArtifactTreeQuery } from '../views/artifact-tree/artifact-tree.query.js';
import { RunListQuery } from '../views/run-list/run-list.query.js';
import type { RunRow } from '../views/run-list/run.entity.js';
import { artifactRoot, safePath, splitProxyPath } from './artifact-path.js';
import { convertRunId, streamIdOfRun } from './run-id.js';

/** MLflow REST: the artifact proxy. Bytes go through as streams; the run records path, digest and size. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller()
export class ArtifactsController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ArtifactTreeQuery) private readonly artifacts: ArtifactTreeQuery,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
  ) {}

  @Put(mlflowRoutes('mlflow-artifacts/artifacts/*'))
  async upload(@Param('*') proxyPath: string, @Req() request: FastifyRequest, @Meta() meta: CommandMeta): Promise<object> {
    const { runId, path } = splitProxyPath(proxyPath);
    if (path === '') throw invalidParameter('Invalid path: it names no file.');
    await this.require(runId, meta);
    const content = request.body instanceof Readable ? request.body : Readable.from([]);
    const { digest, sizeBytes } = await this.objects.put(content);
    const data = { path, digest, sizeBytes: BigInt(sizeBytes) };
    await this.commands.handle(run, { type: 'LogArtifact', data, meta }, { id: streamIdOfRun(runId) });
    return {};
  }

  @Get(mlflowRoutes('mlflow-artifacts/artifacts/*'))
  async download(@Param('*') proxyPath: string, @Meta() meta: CommandMeta, @Res() reply: FastifyReply): Promise<void> {
    const { runId, path } = splitProxyPath(proxyPath);
    await this.require(runId, meta);
    const artifact = await this.artifacts.find(runId, path);
    if (artifact === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`);
    const content = await this.objects.open(artifact.digest as Digest);
    const name = encodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
    await reply
      .header('content-type', 'application/octet-stream')
      .header('content-length', artifact.sizeBytes)
      .header('content-disposition', `attachment; filename*=UTF-8''${name}`)
      .header('x-content-type-options', 'nosniff')
      .header('etag', `"${artifact.digest}"`)
      .send(content);
  }

  /** Names relative to the folder that was asked for. */
  @Get(mlflowRoutes('mlflow-artifacts/artifacts'))
  async listProxy(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const { runId, path } = splitProxyPath(new Fields(query).text('path'));
    await this.require(runId, meta);
    return this.files(runId, path, '');
  }

  /** Names relative to the run's root. */
  @Get(mlflowRoutes('mlflow/artifacts/list'))
  async list(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    const { runId, experimentId } = await this.require(fields.text('run_id', 'run_uuid'), meta);
    const path = safePath(fields.optionalText('path') ?? '');
    return { root_uri: artifactRoot(experimentId, runId), ...(await this.files(runId, path, path === '' ? '' : `${path}/`)) };
  }

  private async files(runId: string, folder: string, prefix: string): Promise<object> {
    const entries = await this.artifacts.list(runId, folder);
    if (entries.length === 0) return {};
    return {
      files: entries.map(({ name, isDirectory, sizeBytes }) => ({
        path: `${prefix}${name}`,
        is_dir: isDirectory,
        ...(sizeBytes !== null && { file_size: Number(sizeBytes) }),
      })),
    };
  }

  private async require(wireId: string, { workspace }: CommandMeta): Promise<RunRow> {
    const runId = convertRunId(wireId);
    const found = runId === undefined ? null : await this.runs.findRun(workspace, runId);
    if (found === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId} not found`);
    return found;
  }
}
