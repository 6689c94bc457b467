import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import type { ObjectStore } from '@cairn/object-store';
import { Meta, OBJECT_STORE, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Body, Controller, HttpCode, Inject, Param, Post, Put, Req, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { UploadSpoolError, type UploadedPart, type UploadTarget } from '../../mlflow/upload-spool.js';
import { ArtifactOwners } from './artifact-owners.js';
import { splitFilePath } from './artifact-path.js';
import { PartUploads } from './part-uploads.js';

const MAX_PARTS = 10_000;
const HOST = /^[\w.:[\]-]+$/;

/**
 * MLflow REST: uploads in parts. A store that signs URLs would take the parts itself; ours are given URLs of this service, with the headers that the client was
 * let in with, since it sends no others with a part.
 */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow-artifacts/mpu'))
export class MultipartController {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ArtifactOwners) private readonly owners: ArtifactOwners,
    @Inject(PartUploads) private readonly uploads: PartUploads,
  ) {}

  @Post('create/*')
  @HttpCode(200)
  async create(@Param('*') folder: string, @Body() body: unknown, @Req() request: FastifyRequest, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const { owner, path } = splitFilePath(filePath(folder, fields));
    const partCount = fields.optionalInteger('num_parts') ?? 1;
    if (partCount < 1 || partCount > MAX_PARTS) throw invalidParameter(`Invalid value ${partCount} for parameter 'num_parts' supplied: an upload has 1 to ${MAX_PARTS} parts.`);
    await this.owners.requireWritable(owner, meta);
    const upload_id = await told(this.uploads.open({ workspace: meta.workspace, owner, path, partCount }));
    const base = `${originOf(request)}/api/2.0/mlflow-artifacts/mpu/parts/${upload_id}`;
    const { authorization } = request.headers;
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    return { upload_id, credentials: Array.from({ length: partCount }, (_, at) => ({ url: `${base}/${at + 1}`, part_number: at + 1, headers })) };
  }

  /** The upload's id cannot be guessed: whoever has it was given it. */
  @Put('parts/:uploadId/:part')
  async part(@Param('uploadId') uploadId: string, @Param('part') part: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const number = /^\d{1,5}$/.test(part) ? Number(part) : 0;
    const etag = await told(this.uploads.add(uploadId, number, request.body instanceof Readable ? request.body : Readable.from([])));
    await reply.header('etag', `"${etag}"`).send({});
  }

  @Post('complete/*')
  @HttpCode(200)
  async complete(@Param('*') folder: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const uploadId = fields.text('upload_id');
    const target = await told(this.uploads.target(uploadId));
    demandSame(target, filePath(folder, fields), meta);
    if (target.isDone) return {};
    const parts = convertParts(fields, target.partCount);
    await this.owners.requireWritable(target.owner, meta);
    const stored = await this.objects.put(await told(this.uploads.read(uploadId, parts)));
    await this.owners.log(target.owner, target.path, stored, meta);
    await this.uploads.complete(uploadId);
    return {};
  }

  /** What is completed, expired or unknown is aborted already. */
  @Post('abort/*')
  @HttpCode(200)
  async abort(@Param('*') folder: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const uploadId = fields.text('upload_id');
    const target = await this.uploads.target(uploadId).catch(() => undefined);
    if (target === undefined) return {};
    demandSame(target, filePath(folder, fields), meta);
    await this.uploads.abort(uploadId);
    return {};
  }
}

/** The client names its own file, of which the last part counts, and the folder of the store that it is for. */
function filePath(folder: string, fields: Fields): string {
  return `${folder.replace(/\/+$/, '')}/${posix.basename(fields.text('path').replaceAll('\\', '/'))}`;
}

function demandSame(target: UploadTarget, proxyPath: string, { workspace }: CommandMeta): void {
  const { owner, path } = splitFilePath(proxyPath);
  const same = target.workspace === workspace && target.owner.kind === owner.kind && target.owner.id === owner.id && target.path === path;
  if (!same) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', 'There is no such upload for this path.');
}

/** All parts, each once, in any order. */
function convertParts(fields: Fields, partCount: number): UploadedPart[] {
  const parts = fields.list('parts').map((part) => ({ number: part.integer('part_number'), etag: part.text('etag').replace(/^(?:W\/)?"|"$/g, '') }));
  parts.sort((one, other) => one.number - other.number);
  if (parts.length === partCount && parts.every(({ number }, at) => number === at + 1)) return parts;
  throw invalidParameter(`Invalid value for parameter 'parts' supplied: the upload has ${partCount} parts, each of which must be named once.`);
}

/** As the client reached us; the gateway says what it was asked for. */
function originOf({ headers, protocol }: FastifyRequest): string {
  const [forwarded, scheme] = [headers['x-forwarded-host'], headers['x-forwarded-proto']];
  const host = typeof forwarded === 'string' && HOST.test(forwarded) ? forwarded : (headers.host ?? '');
  return `${scheme === 'https' || scheme === 'http' ? scheme : protocol}://${host}`;
}

/** The spool's errors in MLflow's terms. */
async function told<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof UploadSpoolError)) throw error;
    throw new MlflowError(error.code === 'UPLOAD_NOT_FOUND' ? 'RESOURCE_DOES_NOT_EXIST' : 'INVALID_PARAMETER_VALUE', error.message, { cause: error });
  }
}
