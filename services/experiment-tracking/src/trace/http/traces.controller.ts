import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, limitOf, MlflowFilter, mlflowRoutesV3, offsetOf, pageToken } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertExperimentId } from '../../experiment/http/convert.js';
import { TraceObserver } from '../observe/trace-observer.js';
import { TraceListQuery } from '../views/trace-list/trace-list.query.js';
import { convertTrace, convertTraceInfo } from './convert.js';
import { SpansOfTraces } from './spans-of-traces.js';
import { missing } from './trace-fields.js';
import { convertTraceFilter, convertTraceOrder } from './trace-filter.js';
import { validTraceId } from './trace-id.js';
import { TracesHandler } from './traces.handler.js';

const MAX_RESULTS = { fallback: 100, max: 500 };
const MAX_IDS = 500;
const MAX_LOCATIONS = 1_000;
const JSON_TYPE = 'application/json; charset=utf-8';

/** MLflow REST: traces, version 3. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutesV3('mlflow/traces'))
export class TracesController {
  constructor(
    @Inject(TracesHandler) private readonly handler: TracesHandler,
    @Inject(TraceListQuery) private readonly traces: TraceListQuery,
    @Inject(TraceObserver) private readonly observer: TraceObserver,
    @Inject(SpansOfTraces) private readonly spans: SpansOfTraces,
  ) {}

  /** MLflow calls it start, and sends it when the trace has ended. The same again changes nothing. */
  @Post()
  @HttpCode(200)
  async tell(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const { wireExperimentId, told } = convertTrace(body, meta.now);
    const { traceId } = told.facts;
    const experimentId = await this.handler.experiment(wireExperimentId, meta);
    await this.handler.handle(traceId, { type: 'TellTrace', data: { ...told, facts: { ...told.facts, experimentId } }, meta });
    return { trace: { trace_info: convertTraceInfo(await this.handler.require(meta.workspace, traceId)) } };
  }

  /** With its spans. Without `allow_partial` a trace is not there until every span has come that its client counted. */
  @Get('get')
  @Header('content-type', JSON_TYPE)
  async get(@Query() query: unknown, @Meta() { workspace }: CommandMeta): Promise<string> {
    const fields = new Fields(query);
    const traceId = validTraceId(fields.text('trace_id'));
    const allowPartial = flag(fields.optionalText('allow_partial'));
    const found = await this.handler.require(workspace, traceId);
    return `{"trace":${await this.spans.whole(found, { allowPartial })}}`;
  }

  @Get('batchGet')
  @Header('content-type', JSON_TYPE)
  async batchGet(@Query() query: unknown, @Meta() { workspace }: CommandMeta): Promise<string> {
    const found = await this.handler.find(workspace, idsIn(new Fields(query)));
    const traces = await this.spans.all(workspace, found);
    return traces.length === 0 ? '{}' : `{"traces":[${traces.join(',')}]}`;
  }

  @Post('batchGetInfos')
  @HttpCode(200)
  async batchGetInfos(@Body() body: unknown, @Meta() { workspace }: CommandMeta): Promise<object> {
    const found = await this.handler.find(workspace, idsIn(new Fields(body)));
    return found.length === 0 ? {} : { trace_infos: found.map(convertTraceInfo) };
  }

  @Post('search')
  @HttpCode(200)
  async search(@Body() body: unknown, @Meta() { workspace }: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const terms = convertTraceFilter(fields.optionalText('filter'));
    const limit = limitOf(fields.optionalInteger('max_results'), MAX_RESULTS);
    const offset = offsetOf(fields.optionalText('page_token'));
    const order = convertTraceOrder(fields.texts('order_by'));
    const experimentIds = experimentIdsIn(body, workspace);
    await this.observer.observeExperiments(workspace, experimentIds);
    const found = await this.traces.search(workspace, { experimentIds, terms, order, limit: limit + 1, offset });
    return {
      ...(found.length > 0 && { traces: found.slice(0, limit).map(convertTraceInfo) }),
      ...(found.length > limit && { next_page_token: pageToken([offset + limit]) }),
    };
  }

  @Get(':traceId')
  async info(@Param('traceId') traceId: string, @Meta() { workspace }: CommandMeta): Promise<object> {
    return { trace: { trace_info: convertTraceInfo(await this.handler.require(workspace, validTraceId(traceId))) } };
  }
}

function idsIn(fields: Fields): string[] {
  const traceIds = fields.texts('trace_ids');
  if (traceIds.length === 0) throw missing('trace_ids');
  if (traceIds.length > MAX_IDS) throw invalidParameter(`At most ${MAX_IDS} traces can be asked for at once; these are ${traceIds.length}.`);
  return traceIds.map(validTraceId);
}

/** Places that are no experiments of ours hold no traces. */
function experimentIdsIn(body: unknown, workspace: string): string[] {
  const locations = new Fields(body).list('locations');
  if (locations.length === 0) throw missing('locations');
  if (locations.length > MAX_LOCATIONS) throw invalidParameter(`At most ${MAX_LOCATIONS} locations can be searched at once; these are ${locations.length}.`);
  return locations.flatMap((location) => {
    const wireId = location.inner('mlflow_experiment').optionalText('experiment_id');
    return wireId === undefined ? [] : (convertExperimentId(wireId, workspace) ?? []);
  });
}

/** MLflow's Python client writes `False`. */
function flag(text: string | undefined): boolean {
  const lower = text?.toLowerCase();
  if (lower === undefined || lower === 'false') return false;
  if (lower === 'true') return true;
  throw invalidParameter(`Invalid value for parameter 'allow_partial' supplied: it must be true or false.`);
}
