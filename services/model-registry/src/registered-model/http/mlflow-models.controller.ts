import { CommandHandler } from '@cairn/event-store';
import type { CommandMeta } from '@cairn/kernel';
import { Fields, invalidParameter, limitOf, MlflowError, MlflowFilter, mlflowRoutes, offsetOf, pageToken } from '@cairn/mlflow';
import { Meta, newIdFor } from '@cairn/service';
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { registryFilter, registryOrder } from '../../mlflow/registry-filter.js';
import { convertMlflowVersion } from '../../model-version/http/convert.js';
import { GatesHandler } from '../../model-version/http/gates.handler.js';
import { VersionListQuery } from '../../model-version/views/version-list/version-list.query.js';
import { registeredModel } from '../domain/decider.js';
import { ModelListQuery } from '../views/model-list/model-list.query.js';
import type { ModelRow } from '../views/model-list/model.entity.js';
import { convertMlflowModel, convertTags, MAX_DESCRIPTION_LENGTH, shortText } from './convert.js';
import { RegisterModelHandler } from './register-model.handler.js';

const MAX_RESULTS = { fallback: 100, max: 1_000 };
const FILTERED = { texts: { name: 'name' } } as const;
const ORDERED = { name: 'name', timestamp: 'last_update_time_ms', last_updated_timestamp: 'last_update_time_ms' } as const;

/** MLflow REST: registered models and their aliases. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/registered-models'))
export class MlflowModelsController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(RegisterModelHandler) private readonly registration: RegisterModelHandler,
    @Inject(GatesHandler) private readonly gates: GatesHandler,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  @Post('create')
  @HttpCode(200)
  async create(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const name = fields.text('name');
    const data = { modelId: newIdFor(meta, 'model'), name, description: shortText(fields, 'description', MAX_DESCRIPTION_LENGTH), tags: convertTags(fields.list('tags')) };
    await this.registration.register(data, meta);
    return { registered_model: await this.show(await this.require(name, meta)) };
  }

  @Get('get')
  async get(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    return { registered_model: await this.show(await this.require(new Fields(query).text('name'), meta)) };
  }

  @Get('search')
  async search(@Query() query: unknown, @Meta() { workspace }: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    const filter = registryFilter(fields.optionalText('filter'), FILTERED);
    const order = registryOrder(fields.texts('order_by'), ORDERED);
    const limit = limitOf(fields.optionalInteger('max_results'), MAX_RESULTS);
    const offset = offsetOf(fields.optionalText('page_token'));
    const rows = await this.models.search(workspace, { filter, order, limit: limit + 1, offset });
    return {
      ...(rows.length > 0 && { registered_models: await this.showAll(rows.slice(0, limit)) }),
      ...(rows.length > limit && { next_page_token: pageToken([offset + limit]) }),
    };
  }

  /** A plain client that sets an alias promotes: the gates of the alias decide, and it reads why not. */
  @Post('alias')
  @HttpCode(200)
  async setAlias(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const [name, alias, version] = [fields.text('name'), fields.text('alias'), fields.version('version')];
    const row = await this.versions.findByNumber(meta.workspace, name, version);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`);
    await this.gates.promote(row, { alias }, meta);
    return {};
  }

  @Get('alias')
  async getByAlias(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    const { modelId } = await this.require(fields.text('name'), meta);
    const wanted = fields.text('alias');
    const aliases = await this.models.aliases([modelId]);
    const found = aliases.find(({ alias }) => alias === wanted);
    const version = found === undefined ? null : await this.versions.find(meta.workspace, found.versionId);
    // MLflow says 400 here, not 404, and clients count on it.
    if (version === null) throw invalidParameter(`Registered model alias ${wanted} not found.`);
    return { model_version: convertMlflowVersion(version, aliases) };
  }

  @Delete('alias')
  async removeAlias(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const { modelId } = await this.require(fields.text('name'), meta);
    await this.commands.handle(registeredModel, { type: 'RemoveAlias', data: { alias: fields.text('alias') }, meta }, { id: modelId });
    return {};
  }

  private async show(model: ModelRow): Promise<object | undefined> {
    const [shown] = await this.showAll([model]);
    return shown;
  }

  private async showAll(models: readonly ModelRow[]): Promise<object[]> {
    const ids = models.map(({ modelId }) => modelId);
    const [latest, aliases] = await Promise.all([this.versions.latest(ids), this.models.aliases(ids)]);
    return models.map((model) =>
      convertMlflowModel(
        model,
        latest.filter(({ modelId }) => modelId === model.modelId),
        aliases.filter(({ modelId }) => modelId === model.modelId),
      ),
    );
  }

  private async require(name: string, { workspace }: CommandMeta): Promise<ModelRow> {
    const row = await this.models.find(workspace, name);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${name} not found`);
    return row;
  }
}
