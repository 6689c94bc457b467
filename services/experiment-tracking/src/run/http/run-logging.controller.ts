import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { LogBatch } from '../domain/commands.js';
import { run } from '../domain/decider.js';
import { RunListQuery } from '../views/run-list/run-list.query.js';
import { convertDatasetInput, convertMetric, convertParam, convertTag } from './convert.js';
import { demandActive } from './demand-active.js';
import { convertRunId, streamIdOfRun } from './run-id.js';

const MAX_METRICS = 1_000;
const MAX_PARAMS = 100;
const MAX_TAGS = 100;
const MAX_TOTAL = 1_000;

/** MLflow REST: what a run reports while it goes on, and after. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/runs'))
export class RunLoggingController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
  ) {}

  @Post('log-metric')
  @HttpCode(200)
  logMetric(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    return this.log(fields, { metrics: [convertMetric(fields)] }, meta);
  }

  @Post('log-parameter')
  @HttpCode(200)
  logParameter(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    return this.log(fields, { params: [convertParam(fields)] }, meta);
  }

  @Post('set-tag')
  @HttpCode(200)
  setTag(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    return this.log(fields, { tags: [convertTag(fields)] }, meta);
  }

  @Post('log-batch')
  @HttpCode(200)
  logBatch(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const [metrics, params, tags] = [fields.list('metrics'), fields.list('params'), fields.list('tags')];
    refuseMore('metrics', metrics.length, MAX_METRICS);
    refuseMore('params', params.length, MAX_PARAMS);
    refuseMore('tags', tags.length, MAX_TAGS);
    refuseMore('metrics, params, and tags', metrics.length + params.length + tags.length, MAX_TOTAL);
    return this.log(fields, { metrics: metrics.map(convertMetric), params: params.map(convertParam), tags: tags.map(convertTag) }, meta);
  }

  @Post('log-inputs')
  @HttpCode(200)
  async logInputs(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    if (fields.list('models').length > 0) throw invalidParameter("Parameter 'models' is not supported yet: log datasets as inputs.");
    const datasets = fields.list('datasets').map(convertDatasetInput);
    const id = await this.streamOf(fields, meta);
    await this.commands.handle(run, { type: 'LogInputs', data: { datasets }, meta }, { id });
    return {};
  }

  private async log(fields: Fields, batch: Partial<LogBatch['data']>, meta: CommandMeta): Promise<object> {
    const id = await this.streamOf(fields, meta);
    await this.commands.handle(run, { type: 'LogBatch', data: { params: [], metrics: [], tags: [], ...batch }, meta }, { id });
    return {};
  }

  private async streamOf(fields: Fields, { workspace }: CommandMeta): Promise<string> {
    const wireId = fields.text('run_id', 'run_uuid');
    const runId = convertRunId(wireId);
    const found = runId === undefined ? null : await this.runs.findRun(workspace, runId);
    if (found === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId} not found`);
    demandActive(found);
    return streamIdOfRun(found.runId);
  }
}

function refuseMore(what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw invalidParameter(`A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`);
}
