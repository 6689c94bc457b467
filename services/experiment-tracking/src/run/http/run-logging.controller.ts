import { CommandHandler } from '@cairn/event-store';
import { derivedId, type CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, MlflowError, MlflowFilter, mlflowRoutes } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, HttpCode, Inject, Post, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { requireModels } from '../../logged-model/http/require-model.js';
import { LoggedModelListQuery } from '../../logged-model/views/logged-model-list/logged-model-list.query.js';
import type { LogBatch } from '../domain/commands.js';
import { run } from '../domain/decider.js';
import { KnownRuns } from '../views/run-list/known-runs.js';
import { convertDatasetInput, convertMetric, convertParam, convertTag } from './convert.js';
import { demandActive } from './demand-active.js';
import { convertModelInfo } from './model-info.js';
import { convertRunId, streamIdOfRun } from './run-id.js';

const MAX_METRICS = 1_000;
const MAX_PARAMS = 100;
const MAX_TAGS = 100;
const MAX_TOTAL = 1_000;
const MAX_INPUTS = 1_000;

/** MLflow REST: what a run reports while it goes on, and after. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/runs'))
export class RunLoggingController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(KnownRuns) private readonly runs: KnownRuns,
    @Inject(LoggedModelListQuery) private readonly models: LoggedModelListQuery,
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
    const datasets = fields.list('datasets').map(convertDatasetInput);
    const modelIds = fields.list('models').map((model) => model.text('model_id'));
    refuseMore('datasets and models', datasets.length + modelIds.length, MAX_INPUTS);
    const id = await this.streamOf(fields, meta);
    await requireModels(this.models, meta.workspace, modelIds);
    if (datasets.length > 0) await this.commands.handle(run, { type: 'LogInputs', data: { datasets }, meta }, { id });
    // A second command of the same request needs a name of its own, or it would count as the first one repeated.
    const second = { ...meta, commandId: derivedId('model-inputs', meta.commandId) };
    if (modelIds.length > 0) await this.commands.handle(run, { type: 'LogModelInputs', data: { modelIds }, meta: second }, { id });
    return {};
  }

  @Post('outputs')
  @HttpCode(200)
  async logOutputs(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const models = fields.list('models').map((model) => ({ modelId: model.text('model_id'), step: BigInt(model.optionalInteger('step') ?? 0) }));
    refuseMore('models', models.length, MAX_INPUTS);
    const id = await this.streamOf(fields, meta);
    await requireModels(this.models, meta.workspace, models.map(({ modelId }) => modelId));
    await this.commands.handle(run, { type: 'LogModelOutputs', data: { models }, meta }, { id });
    return {};
  }

  /** What clients of MLflow 2 call: the run keeps a list of its models in a tag. */
  @Post('log-model')
  @HttpCode(200)
  async logModel(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const entry = convertModelInfo(fields.text('model_json'));
    const id = await this.streamOf(fields, meta);
    await this.commands.handle(run, { type: 'RecordModel', data: { entry }, meta }, { id });
    return {};
  }

  private async log(fields: Fields, batch: Partial<LogBatch['data']>, meta: CommandMeta): Promise<object> {
    const id = await this.streamOf(fields, meta);
    await requireModels(this.models, meta.workspace, (batch.metrics ?? []).flatMap(({ measured }) => measured?.modelId ?? []));
    await this.commands.handle(run, { type: 'LogBatch', data: { params: [], metrics: [], tags: [], ...batch }, meta }, { id });
    return {};
  }

  private async streamOf(fields: Fields, { workspace }: CommandMeta): Promise<string> {
    const wireId = fields.text('run_id', 'run_uuid');
    const runId = convertRunId(wireId);
    const found = runId === undefined ? undefined : await this.runs.find(workspace, runId);
    if (found === undefined) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId} not found`);
    demandActive(found);
    return streamIdOfRun(found.runId);
  }
}

function refuseMore(what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw invalidParameter(`A batch logging request can contain at most ${limit} ${what}. Got ${count} ${what}. Please split up ${what} across multiple requests and try again.`);
}
