import { create, toBinary } from '@bufbuild/protobuf';
import { otlp } from '@cairn/contracts';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta, type FastifyReply, type FastifyRequest } from '@cairn/service';
import { Controller, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertRunId } from '../../run/http/run-id.js';
import { RunListQuery } from '../../run/views/run-list/run-list.query.js';
import { TracesHandler } from '../../trace/http/traces.handler.js';
import { decodeExport } from '../otlp/export-request.js';
import { spanBatch, type SpanBatch } from '../otlp/span-batch.js';
import { SpanIntake } from '../store/span-intake.js';
import { OTLP_TYPE_HEADER } from './otlp-bodies.js';
import { decompressed, encodingOf } from './otlp-body.js';
import { OtlpFilter } from './otlp.filter.js';

const EXPERIMENT_HEADER = 'x-mlflow-experiment-id';
const RUN_HEADER = 'x-mlflow-run-id';
const MAX_SPANS = 10_000;

/** OTLP over HTTP: spans of any OpenTelemetry exporter, and of MLflow's clients from 3.4 on. What is answered with 200 is on disk. */
@ApiTags('otlp')
@UseFilters(OtlpFilter)
@Controller('v1/traces')
export class OtlpController {
  constructor(
    @Inject(SpanIntake) private readonly intake: SpanIntake,
    @Inject(TracesHandler) private readonly traces: TracesHandler,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
  ) {}

  @Post()
  async export(@Req() request: FastifyRequest, @Meta() meta: CommandMeta, @Res() reply: FastifyReply): Promise<void> {
    const encoding = encodingOf(header(request, OTLP_TYPE_HEADER));
    const wireId = header(request, EXPERIMENT_HEADER);
    if (wireId === '') throw new DomainError('EXPERIMENT_NEEDED', `Name the experiment in the header ${EXPERIMENT_HEADER}.`, 'invalid');
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    const batch = spanBatch(decodeExport(await decompressed(body, header(request, 'content-encoding')), encoding));
    if (batch.rows.length + batch.rejectedSpans > MAX_SPANS) {
      throw new DomainError('OTLP_TOO_LARGE', `An export has at most ${MAX_SPANS} spans; these are ${batch.rows.length + batch.rejectedSpans}.`, 'invalid');
    }
    const runId = await this.runIn(header(request, RUN_HEADER), meta);
    const experimentId = await this.traces.experiment(wireId, meta);
    await this.intake.store({ workspace: meta.workspace, experimentId }, batch);
    if (runId !== undefined) await this.link(batch, runId, meta);
    const { rejectedSpans, rejection } = batch;
    const isJson = encoding === 'json';
    const answer = isJson
      ? JSON.stringify(rejectedSpans === 0 ? {} : { partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage: rejection } })
      : Buffer.from(toBinary(otlp.ExportTraceServiceResponseSchema, create(otlp.ExportTraceServiceResponseSchema, partialSuccess(batch))));
    await reply.code(200).type(isJson ? 'application/json' : 'application/x-protobuf').send(answer);
  }

  /** The run to which traces belong whose root is among the spans. */
  private async runIn(wireId: string, { workspace }: CommandMeta): Promise<string | undefined> {
    if (wireId === '') return undefined;
    const runId = convertRunId(wireId);
    const run = runId === undefined ? null : await this.runs.findRun(workspace, runId);
    if (run === null) throw new DomainError('RUN_NOT_FOUND', `Run with id=${wireId.slice(0, 100)} not found`, 'missing');
    return run.runId;
  }

  private async link({ rows }: SpanBatch, runId: string, meta: CommandMeta): Promise<void> {
    const completed = new Set(rows.filter(({ parentSpanId }) => parentSpanId === '').map(({ traceId }) => traceId));
    for (const traceId of completed) {
      await this.traces.handle(traceId, { type: 'LinkTraceToRun', data: { runId }, meta: { ...meta, commandId: derivedId('link-trace', meta.commandId, traceId) } });
    }
  }
}

function partialSuccess({ rejectedSpans, rejection }: SpanBatch) {
  return rejectedSpans === 0 ? {} : { partialSuccess: create(otlp.ExportTracePartialSuccessSchema, { rejectedSpans: BigInt(rejectedSpans), errorMessage: rejection }) };
}

function header(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value)?.trim() ?? '';
}
