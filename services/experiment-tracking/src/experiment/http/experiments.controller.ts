import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, limitOf, MlflowError, MlflowFilter, mlflowRoutes, offsetOf, pageToken } from '@cairn/mlflow';
import { Meta, newIdFor } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { convertViewType } from '../../mlflow/view-type.js';
import { ExperimentListQuery } from '../views/experiment-list/experiment-list.query.js';
import { convertExperiment, convertExperimentFilter, convertExperimentId, convertExperimentOrder, convertExperimentTags } from './convert.js';
import { CreateExperimentHandler } from './create-experiment.handler.js';
import { criteriaOfTags } from './criteria-tag.js';
import { NamedBaselines } from './named-baselines.js';

const MAX_RESULTS = { fallback: 1_000, max: 50_000 };

/** MLflow REST: experiments. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/experiments'))
export class ExperimentsController {
  constructor(
    @Inject(CreateExperimentHandler) private readonly creation: CreateExperimentHandler,
    @Inject(ExperimentListQuery) private readonly experiments: ExperimentListQuery,
    @Inject(NamedBaselines) private readonly baselines: NamedBaselines,
  ) {}

  @Post('create')
  @HttpCode(200)
  async create(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const name = fields.text('name');
    if ((fields.optionalText('artifact_location') ?? '') !== '') {
      throw invalidParameter("Parameter 'artifact_location' is not supported: artifacts go into Cairn's object store.");
    }
    const experimentId = newIdFor(meta, 'experiment');
    const tags = convertExperimentTags(fields.list('tags'));
    const asked = criteriaOfTags(tags);
    const criteria = asked === undefined ? undefined : await this.baselines.resolve(asked, { experimentId, workspace: meta.workspace });
    await this.creation.create({ experimentId, name, tags, criteria }, meta);
    return { experiment_id: experimentId };
  }

  @Get('get')
  async get(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const wireId = new Fields(query).text('experiment_id');
    const experimentId = convertExperimentId(wireId, meta.workspace);
    const row = experimentId === undefined ? null : await this.experiments.find(meta.workspace, experimentId);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `No Experiment with id=${wireId} exists`);
    return { experiment: convertExperiment(row) };
  }

  @Get('get-by-name')
  async getByName(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const name = new Fields(query).text('experiment_name');
    const row = await this.experiments.findByName(meta.workspace, name);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Could not find experiment with name '${name}'`);
    return { experiment: convertExperiment(row) };
  }

  @Get('search')
  searchByQuery(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    return this.search(query, meta);
  }

  @Post('search')
  @HttpCode(200)
  async search(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const terms = convertExperimentFilter(fields.optionalText('filter'));
    const limit = limitOf(fields.optionalInteger('max_results'), MAX_RESULTS);
    const offset = offsetOf(fields.optionalText('page_token'));
    const order = convertExperimentOrder(fields.texts('order_by'));
    const view = convertViewType(fields.optionalText('view_type'));
    const rows = await this.experiments.search(meta.workspace, { view, terms, order, limit: limit + 1, offset });
    return {
      ...(rows.length > 0 && { experiments: rows.slice(0, limit).map(convertExperiment) }),
      ...(rows.length > limit && { next_page_token: pageToken([offset + limit]) }),
    };
  }
}
