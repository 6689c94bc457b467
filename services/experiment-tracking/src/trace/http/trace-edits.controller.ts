import { derivedId, type CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter, mlflowRoutes, mlflowRoutesV3 } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, Delete, HttpCode, Inject, Param, Patch, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertExperimentId } from '../../experiment/http/convert.js';
import { convertRunId } from '../../run/http/run-id.js';
import { RunListQuery } from '../../run/views/run-list/run-list.query.js';
import { TraceObserver } from '../observe/trace-observer.js';
import { TraceListQuery } from '../views/trace-list/trace-list.query.js';
import { IMMUTABLE_TAGS } from './convert.js';
import { convertTraceTag } from './trace-fields.js';
import { validTraceId } from './trace-id.js';
import { TracesHandler } from './traces.handler.js';

const MAX_LINKED_TRACES = 100;
const MAX_LINKED_PROMPTS = 100;
/** More than a request should wait for: it says how many it deleted, and may be sent again. */
const MAX_DELETED = 10_000;
const DELETED_AT_ONCE = 16;

/** MLflow REST: tags and links of traces, and their deletion. Each route is there under version 2, which clients use, and under version 3. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller([...mlflowRoutes('mlflow/traces'), ...mlflowRoutesV3('mlflow/traces')])
export class TraceEditsController {
  constructor(
    @Inject(TracesHandler) private readonly handler: TracesHandler,
    @Inject(TraceListQuery) private readonly traces: TraceListQuery,
    @Inject(TraceObserver) private readonly observer: TraceObserver,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
  ) {}

  @Patch(':traceId/tags')
  async setTag(@Param('traceId') traceId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const tag = convertTraceTag(mutable(fields.text('key'), 'set'), fields.optionalText('value') ?? '');
    await this.handler.handle(validTraceId(traceId), { type: 'SetTraceTags', data: { tags: [tag] }, meta });
    return {};
  }

  @Delete(':traceId/tags')
  async removeTag(@Param('traceId') traceId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const key = mutable(new Fields(body).text('key'), 'deleted');
    await this.handler.handle(validTraceId(traceId), { type: 'RemoveTraceTag', data: { key }, meta });
    return {};
  }

  /** Traces that are not there are left out, as MLflow does. */
  @Post('link-to-run')
  @HttpCode(200)
  async linkToRun(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const traceIds = fields.texts('trace_ids').map(validTraceId);
    if (traceIds.length > MAX_LINKED_TRACES) {
      throw invalidParameter(`Cannot link more than ${MAX_LINKED_TRACES} traces to a run in a single request. Provided ${traceIds.length} traces.`);
    }
    const wireId = fields.text('run_id');
    const runId = convertRunId(wireId);
    const run = runId === undefined ? null : await this.runs.findRun(meta.workspace, runId);
    if (run === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId.slice(0, 100)} not found`);
    for (const { trace } of await this.handler.find(meta.workspace, traceIds)) {
      const own = { ...meta, commandId: derivedId('link-trace', meta.commandId, trace.traceId) };
      await this.handler.handle(trace.traceId, { type: 'LinkTraceToRun', data: { runId: run.runId }, meta: own });
    }
    return {};
  }

  @Post('link-prompts')
  @HttpCode(200)
  async linkPrompts(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const traceId = validTraceId(fields.text('trace_id'));
    const prompts = fields.list('prompt_versions').map((prompt) => ({ name: prompt.text('name'), version: prompt.text('version') }));
    if (prompts.length > MAX_LINKED_PROMPTS) throw invalidParameter(`At most ${MAX_LINKED_PROMPTS} prompt versions can be linked at once; these are ${prompts.length}.`);
    const long = prompts.find(({ name, version }) => name.length > 255 || !/^\d{1,9}$/.test(version));
    if (long !== undefined) throw invalidParameter('A prompt version is a name of at most 255 characters and a number.');
    if (prompts.length > 0) await this.handler.handle(traceId, { type: 'LinkTraceToPrompts', data: { prompts }, meta });
    return {};
  }

  /** By ids, or up to a moment: the oldest first, at most `max_traces`, never more than 10,000 at once. */
  @Post('delete-traces')
  @HttpCode(200)
  async deleteTraces(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const { workspace } = meta;
    const wireId = fields.text('experiment_id');
    const traceIds = fields.texts('request_ids').concat(fields.texts('trace_ids')).map(validTraceId);
    const maxStartTimeMs = fields.optionalInteger('max_timestamp_millis');
    const limit = limitIn(fields, traceIds, maxStartTimeMs);
    const experimentId = convertExperimentId(wireId, workspace);
    if (experimentId === undefined) return {};
    await this.observer.observeExperiments(workspace, [experimentId]);
    const which = { limit, ...(traceIds.length > 0 && { traceIds }), ...(maxStartTimeMs !== undefined && { maxStartTimeMs }) };
    const waiting = (await this.traces.deletable(workspace, experimentId, which)).values();
    let deleted = 0;
    const work = async (): Promise<void> => {
      for (const traceId of waiting) if (await this.handler.delete(traceId, meta)) deleted += 1;
    };
    await Promise.all(Array.from({ length: DELETED_AT_ONCE }, work));
    return { traces_deleted: deleted };
  }
}

function mutable(key: string, done: string): string {
  if (IMMUTABLE_TAGS.includes(key)) throw invalidParameter(`Tag '${key}' is immutable and cannot be ${done} on a trace.`);
  return key;
}

function limitIn(fields: Fields, traceIds: readonly string[], maxStartTimeMs: number | undefined): number {
  const asked = fields.optionalInteger('max_traces');
  if (traceIds.length === 0 && maxStartTimeMs === undefined) throw invalidParameter('Either `max_timestamp_millis` or `trace_ids` must be specified.');
  if (traceIds.length > 0 && maxStartTimeMs !== undefined) throw invalidParameter('Only one of `max_timestamp_millis` and `trace_ids` can be specified.');
  if (traceIds.length > 0 && asked !== undefined) throw invalidParameter("`max_traces` can't be specified if `trace_ids` is specified.");
  if (asked !== undefined && asked <= 0) throw invalidParameter(`\`max_traces\` must be a positive integer, received ${asked}.`);
  if (traceIds.length > MAX_DELETED) throw invalidParameter(`At most ${MAX_DELETED} traces can be deleted at once; these are ${traceIds.length}.`);
  return Math.min(asked ?? MAX_DELETED, MAX_DELETED);
}
