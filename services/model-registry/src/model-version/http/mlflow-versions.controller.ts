import type { CommandMeta } from '@cairn/kernel';
import { Fields, limitOf, MlflowError, MlflowFilter, mlflowRoutes, offsetOf, pageToken } from '@cairn/mlflow';
import { Meta } from '@cairn/service';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, UseFilters } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { registryFilter, registryOrder } from '../../mlflow/registry-filter.js';
import { convertTags, MAX_DESCRIPTION_LENGTH, shortText } from '../../registered-model/http/convert.js';
import { ModelListQuery } from '../../registered-model/views/model-list/model-list.query.js';
import { VersionListQuery } from '../views/version-list/version-list.query.js';
import type { VersionRow } from '../views/version-list/version.entity.js';
import { convertMlflowVersion } from './convert.js';
import { CreateVersionHandler } from './create-version.handler.js';
import { MlflowSources } from './mlflow-sources.js';

const MAX_RESULTS = { fallback: 10_000, max: 200_000 };
const MAX_LINK_LENGTH = 500;
const FILTERED = {
  texts: { name: 'model_name', run_id: 'run_id', source_path: 'source' },
  lists: ['run_id'],
  numbers: { version_number: 'version', version: 'version' },
} as const;
const ORDERED = { name: 'model_name', version_number: 'version', creation_timestamp: 'creation_time_ms', last_updated_timestamp: 'last_update_time_ms' } as const;

/** MLflow REST: versions. */
@ApiTags('mlflow')
@UseFilters(MlflowFilter)
@Controller(mlflowRoutes('mlflow/model-versions'))
export class MlflowVersionsController {
  constructor(
    @Inject(CreateVersionHandler) private readonly creation: CreateVersionHandler,
    @Inject(MlflowSources) private readonly sources: MlflowSources,
    @Inject(ModelListQuery) private readonly models: ModelListQuery,
    @Inject(VersionListQuery) private readonly versions: VersionListQuery,
  ) {}

  /** MLflow's client names an artifact, no digest: unless it is a copy, such a version can't pass `lineage-complete`. */
  @Post('create')
  @HttpCode(200)
  async create(@Body() body: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const fields = new Fields(body);
    const name = fields.text('name');
    const source = fields.text('source');
    const said = { runId: (fields.optionalText('run_id') ?? '').replaceAll('-', '').toLowerCase(), modelId: fields.optionalText('model_id') ?? '' };
    const about = {
      source,
      description: shortText(fields, 'description', MAX_DESCRIPTION_LENGTH),
      runLink: shortText(fields, 'run_link', MAX_LINK_LENGTH),
      tags: convertTags(fields.list('tags')),
    };
    const model = await this.models.find(meta.workspace, name);
    if (model === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Registered Model with name=${name} not found`);
    const content = { ...(await this.sources.resolve(source, said, meta)), ...about };
    const versionId = await this.creation.create(model, content, meta);
    const row = await this.versions.find(meta.workspace, versionId);
    if (row === null) throw new MlflowError('TEMPORARILY_UNAVAILABLE', 'The version is recorded, but not yet visible here.');
    return { model_version: convertMlflowVersion(row, []) };
  }

  @Get('get')
  async get(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const row = await this.require(new Fields(query), meta);
    return { model_version: convertMlflowVersion(row, await this.models.aliases([row.modelId])) };
  }

  @Get('get-download-uri')
  async downloadUri(@Query() query: unknown, @Meta() meta: CommandMeta): Promise<object> {
    const { source, storageLocation } = await this.require(new Fields(query), meta);
    return { artifact_uri: storageLocation === '' ? source : storageLocation };
  }

  @Get('search')
  async search(@Query() query: unknown, @Meta() { workspace }: CommandMeta): Promise<object> {
    const fields = new Fields(query);
    const filter = registryFilter(fields.optionalText('filter'), FILTERED);
    const order = registryOrder(fields.texts('order_by'), ORDERED);
    const limit = limitOf(fields.optionalInteger('max_results'), MAX_RESULTS);
    const offset = offsetOf(fields.optionalText('page_token'));
    const rows = await this.versions.search(workspace, { filter, order, limit: limit + 1, offset });
    const page = rows.slice(0, limit);
    const aliases = await this.models.aliases([...new Set(page.map(({ modelId }) => modelId))]);
    return {
      ...(page.length > 0 && { model_versions: page.map((row) => convertMlflowVersion(row, aliases)) }),
      ...(rows.length > limit && { next_page_token: pageToken([offset + limit]) }),
    };
  }

  private async require(fields: Fields, { workspace }: CommandMeta): Promise<VersionRow> {
    const [name, version] = [fields.text('name'), fields.version('version')];
    const row = await this.versions.findByNumber(workspace, name, version);
    if (row === null) throw new MlflowError('RESOURCE_DOES_NOT_EXIST', `Model Version (name=${name}, version=${version}) not found`);
    return row;
  }
}
