import type { CommandMeta } from '@cairn/kernel';
import { Fields, limitOf, MlflowFilter, mlflowRoutes, offsetOf, pageToken } from '@cairn/mlflow';
import { Meta, newIdFor } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Param, Patch, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertExperimentId } from '../../experiment/http/convert.js';
import { TraceObserver } from '../observe/trace-observer.js';
import { TraceListQuery } from '../views/trace-list/trace-list.query.js';
import { convertLegacyInfo, convertLegacyStart } from './convert.js';
import { tagsOfList } from './trace-fields.js';
import { convertTraceFilter, convertTraceOrder } from './trace-filter.js';
import { validTraceId } from './trace-id.js';
import { TracesHandler } from './traces.handler.js';

const MAX_RESULTS = { fallback: 100, max: 500 };

/** MLflow REST: traces as clients of MLflow 2 tell of them: when they start, and when they end. Their spans are a file, `traces.json`. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/traces'))
export class LegacyTracesController {
  constructor(
    @Inject(TracesHandler) private readonly handler: TracesHandler,
    @Inject(TraceListQuery) private readonly traces: TraceListQuery,
    @Inject(TraceObserver) private readonly observer: TraceObserver,
  ) {}

  @Post()
  @HttpCode(200)
  async start(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const traceId = `tr-${newIdFor(meta, 'trace').replaceAll('-', '')}`;
    const facts = convertLegacyStart(fields, traceId);
    const experimentId = await this.handler.experiment(fields.text('experiment_id'), meta);
    await this.handler.handle(traceId, { type: 'TellTrace', data: { facts: { ...facts, experimentId }, end: undefined, assessments: [] }, meta });
    return this.shown(traceId, meta);
  }

  @Patch(':traceId')
  async end(@Param('traceId') wireId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const traceId = validTraceId(wireId);
    const status = fields.optionalText('status') ?? 'TRACE_STATUS_UNSPECIFIED';
    const data = {
      endTimeMs: BigInt(fields.integer('timestamp_ms')),
      state: status === 'TRACE_STATUS_UNSPECIFIED' ? 'STATE_UNSPECIFIED' : status,
      metadata: tagsOfList(fields.list('request_metadata')),
      tags: tagsOfList(fields.list('tags')),
    };
    await this.handler.handle(traceId, { type: 'EndTrace', data, meta });
    return this.shown(traceId, meta);
  }

  @Get(':traceId/info')
  info(@Param('traceId') wireId: string, @Meta() meta: CommandMeta): Promise<object> {
    return this.shown(validTraceId(wireId), meta);
  }

  @Get()
  async search(@Query() query: unknown, @Meta() { workspace }: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    const terms = convertTraceFilter(fields.optionalText('filter'));
    const limit = limitOf(fields.optionalInteger('max_results'), MAX_RESULTS);
    const offset = offsetOf(fields.optionalText('page_token'));
    const order = convertTraceOrder(fields.texts('order_by'));
    const experimentIds = fields.texts('experiment_ids').flatMap((wireId) => convertExperimentId(wireId, workspace) ?? []);
    await this.observer.observeExperiments(workspace, experimentIds);
    const found = await this.traces.search(workspace, { experimentIds, terms, order, limit: limit + 1, offset });
    return {
      ...(found.length > 0 && { traces: found.slice(0, limit).map(convertLegacyInfo) }),
      ...(found.length > limit && { next_page_token: pageToken([offset + limit]) }),
    };
  }

  private async shown(traceId: string, { workspace }: CommandMeta): Promise<object> {
    return { trace_info: convertLegacyInfo(await this.handler.require(workspace, traceId)) };
  }
}
