import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, limitOf, MlflowError, MlflowFilter, mlflowRoutes, offsetOf, pageToken } from '@cairn/mlflow';
import { Meta, newIdFor } from '@cairn/service';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertExperimentId, DEFAULT_EXPERIMENT } from '../../experiment/http/convert.js';
import { CreateExperimentHandler } from '../../experiment/http/create-experiment.handler.js';
import { ExperimentListQuery } from '../../experiment/views/experiment-list/experiment-list.query.js';
import { convertRunId } from '../../run/http/run-id.js';
import { nameOfRun } from '../../run/http/run-name.js';
import { RunListQuery } from '../../run/views/run-list/run-list.query.js';
import type { LoggedModelCommand } from '../domain/commands.js';
import { loggedModel } from '../domain/decider.js';
import { LoggedModelListQuery } from '../views/logged-model-list/logged-model-list.query.js';
import {
  convertDatasetScopes, convertLoggedModel, convertModelFilter, convertModelOrder, convertModelParams, convertModelTags, convertOutcome,
} from './convert.js';
import { convertModelId, streamIdOfModel } from './model-id.js';
import { modelNotFound, requireModel } from './require-model.js';

/** A page has at most so many, also when more are asked for: each comes with its parameters, tags and metrics. */
const MAX_RESULTS = { fallback: 100, max: 50_000 };
const MAX_PAGE = 1_000;

/** MLflow REST: logged models, which MLflow 3 makes whenever a model is logged. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/logged-models'))
export class LoggedModelsController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(CreateExperimentHandler) private readonly creation: CreateExperimentHandler,
    @Inject(ExperimentListQuery) private readonly experiments: ExperimentListQuery,
    @Inject(RunListQuery) private readonly runs: RunListQuery,
    @Inject(LoggedModelListQuery) private readonly models: LoggedModelListQuery,
  ) {}

  @Post()
  @HttpCode(200)
  async create(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const experimentId = await this.requireExperiment(fields.text('experiment_id'), meta);
    const sourceRunId = await this.sourceRun(fields.optionalText('source_run_id') ?? '', meta);
    const modelId = `m-${newIdFor(meta, 'logged-model').replaceAll('-', '')}`;
    const name = fields.optionalText('name') || nameOfRun(modelId);
    const modelType = (fields.optionalText('model_type') ?? '').slice(0, 500);
    const data = { modelId, experimentId, name, modelType, sourceRunId, tags: convertModelTags(fields), params: convertModelParams(fields) };
    await this.commands.handle(loggedModel, { type: 'CreateLoggedModel', data, meta }, { id: streamIdOfModel(modelId) });
    return this.shown(modelId, meta);
  }

  @Post('search')
  @HttpCode(200)
  async search(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const experimentIds = fields.texts('experiment_ids').flatMap((wireId) => convertExperimentId(wireId, meta.workspace) ?? []);
    const terms = convertModelFilter(fields.optionalText('filter'));
    const datasets = convertDatasetScopes(fields);
    const order = convertModelOrder(fields.list('order_by'));
    const limit = Math.min(limitOf(fields.optionalInteger('max_results') || undefined, MAX_RESULTS), MAX_PAGE);
    const offset = offsetOf(fields.optionalText('page_token'));
    if (experimentIds.length === 0) return {};
    const found = await this.models.search(meta.workspace, { experimentIds, terms, datasets, order, limit: limit + 1, offset });
    return {
      ...(found.length > 0 && { models: found.slice(0, limit).map(convertLoggedModel) }),
      ...(found.length > limit && { next_page_token: pageToken([offset + limit]) }),
    };
  }

  @Get(':modelId')
  async get(@Param('modelId') wireId: string, @Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const modelId = convertModelId(wireId);
    const found = modelId === undefined ? undefined : await this.models.find(meta.workspace, modelId);
    if (found === undefined || (found.model.deleted && new Fields(query).optionalFlag('allow_deleted') !== true)) throw modelNotFound(wireId);
    return { model: convertLoggedModel(found) };
  }

  /** Finalizes: its files are uploaded, or could not be. */
  @Patch(':modelId')
  async finalize(@Param('modelId') wireId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const status = convertOutcome(new Fields(body).text('status'));
    await this.handle(wireId, { type: 'FinalizeLoggedModel', data: { status }, meta });
    return this.shown(wireId, meta);
  }

  /** A second time changes nothing. */
  @Delete(':modelId')
  async delete(@Param('modelId') wireId: string, @Meta() meta: CommandMeta): Promise<object> {
    const modelId = convertModelId(wireId);
    const found = modelId === undefined ? null : await this.models.findModel(meta.workspace, modelId);
    if (found === null) throw modelNotFound(wireId);
    await this.commands.handle(loggedModel, { type: 'DeleteLoggedModel', data: {}, meta }, { id: streamIdOfModel(found.modelId) });
    return {};
  }

  @Post(':modelId/params')
  @HttpCode(200)
  logParams(@Param('modelId') wireId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    return this.handle(wireId, { type: 'LogModelParams', data: { params: convertModelParams(new Fields(body)) }, meta });
  }

  @Patch(':modelId/tags')
  setTags(@Param('modelId') wireId: string, @Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    return this.handle(wireId, { type: 'SetModelTags', data: { tags: convertModelTags(new Fields(body)) }, meta });
  }

  /** A key may have slashes. */
  @Delete(':modelId/tags/*')
  deleteTag(@Param('modelId') wireId: string, @Param('*') key: string, @Meta() meta: CommandMeta): Promise<object> {
    return this.handle(wireId, { type: 'RemoveModelTag', data: { key }, meta });
  }

  private async handle(wireId: string, command: LoggedModelCommand): Promise<object> {
    const { modelId } = await requireModel(this.models, command.meta.workspace, wireId);
    await this.commands.handle(loggedModel, command, { id: streamIdOfModel(modelId) });
    return {};
  }

  private async shown(modelId: string, { workspace }: CommandMeta): Promise<object> {
    const found = await this.models.find(workspace, modelId);
    if (found === undefined) throw modelNotFound(modelId);
    return { model: convertLoggedModel(found) };
  }

  private async requireExperiment(wireId: string, meta: CommandMeta): Promise<string> {
    const experimentId = convertExperimentId(wireId, meta.workspace);
    if (wireId === DEFAULT_EXPERIMENT.wireId) await this.creation.ensureDefault(meta);
    const found = experimentId === undefined ? null : await this.experiments.find(meta.workspace, experimentId);
    if (found === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${wireId} exists`);
    if (found.deleted) throw new MlflowError('INVALID_PARAMETER_VALUE', `The experiment ${wireId} must be in the 'active' state. Current state is deleted.`);
    return found.experimentId;
  }

  private async sourceRun(wireId: string, { workspace }: CommandMeta): Promise<string> {
    if (wireId === '') return '';
    const runId = convertRunId(wireId);
    const found = runId === undefined ? null : await this.runs.findRun(workspace, runId);
    if (found === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Run with id=${wireId} not found`);
    return found.runId;
  }
}
