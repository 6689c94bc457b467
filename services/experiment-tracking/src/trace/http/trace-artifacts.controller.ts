import { Readable } from 'node:stream';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter, mlflowRoutes, mlflowRoutesV3 } from '@cairn/mlflow';
import type { Digest, ObjectStore } from '@cairn/object-store';
import { Meta, OBJECT_STORE, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Controller, Get, Inject, Param, Put, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { safePath } from '../../run/http/artifact-path.js';
import { TraceListQuery } from '../views/trace-list/trace-list.query.js';
import { SpansOfTraces } from './spans-of-traces.js';
import { validTraceId } from './trace-id.js';
import { TracesHandler } from './traces.handler.js';

const TRACE_FILE = 'traces.json';
const ATTACHMENTS = 'attachments';
const PROXY_PATH = 'mlflow-artifacts/artifacts/:experimentId/traces/:traceId/artifacts/*';

/** MLflow REST: files of traces. Older clients keep the spans there; attachments of spans lie there in any case. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller()
export class TraceArtifactsController {
  constructor(
    @Inject(TracesHandler) private readonly handler: TracesHandler,
    @Inject(TraceListQuery) private readonly traces: TraceListQuery,
    @Inject(SpansOfTraces) private readonly spans: SpansOfTraces,
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
  ) {}

  @Put(mlflowRoutes(PROXY_PATH))
  async upload(@Param('traceId') wireId: string, @Param('*') proxyPath: string, @Req() request: FastifyRequest, @Meta() meta: CommandMeta): Promise<object> {
    const [traceId, path] = [validTraceId(wireId), safePath(proxyPath)];
    if (path === '') throw invalidParameter('Invalid path: it names no file.');
    await this.handler.require(meta.workspace, traceId);
    const { digest, sizeBytes } = await this.objects.put(request.body instanceof Readable ? request.body : Readable.from([]));
    await this.handler.handle(traceId, { type: 'LogTraceArtifact', data: { path, digest, sizeBytes: BigInt(sizeBytes) }, meta });
    return {};
  }

  @Get(mlflowRoutes(PROXY_PATH))
  async download(@Param('traceId') wireId: string, @Param('*') proxyPath: string, @Meta() { workspace }: CommandMeta, @Res() reply: FastifyReply): Promise<void> {
    const [traceId, path] = [validTraceId(wireId), safePath(proxyPath)];
    await this.handler.require(workspace, traceId);
    await this.send(reply, workspace, traceId, path);
  }

  /** For MLflow's web pages: the spans of a trace as a file, wherever they are kept, or an attachment. */
  @Get([...mlflowRoutes('mlflow/get-trace-artifact'), ...mlflowRoutesV3('mlflow/get-trace-artifact')])
  async file(@Query() query: unknown, @Meta() { workspace }: CommandMeta, @Res() reply: FastifyReply): Promise<void> {
    const fields = new Fields(query);
    const traceId = validTraceId(fields.text('request_id', 'trace_id'));
    const path = safePath(fields.optionalText('path') ?? '');
    const found = await this.handler.require(workspace, traceId);
    if (path !== '') return this.send(reply, workspace, traceId, `${ATTACHMENTS}/${path}`);
    if (!found.hasSpans && (await this.traces.artifact(workspace, traceId, TRACE_FILE)) !== null) return this.send(reply, workspace, traceId, TRACE_FILE);
    const content = await this.spans.file(found);
    await reply.headers(headersOf(TRACE_FILE)).send(Buffer.from(content));
  }

  private async send(reply: FastifyReply, workspace: string, traceId: string, path: string): Promise<void> {
    const artifact = await this.traces.artifact(workspace, traceId, path);
    if (artifact === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No such artifact: '${path}'`);
    const content = await this.objects.open(artifact.digest as Digest);
    await reply.headers({ ...headersOf(path), 'content-length': artifact.sizeBytes, etag: `"${artifact.digest}"` }).send(content);
  }
}

function headersOf(path: string): Record<string, string> {
  const name = encodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  return {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${name}`,
    'x-content-type-options': 'nosniff',
  };
}
