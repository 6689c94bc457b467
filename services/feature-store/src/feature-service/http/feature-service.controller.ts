import { CommandHandler } from '@cairn/event-store';
import { derivedId, DomainError, type CommandMeta } from '@cairn/kernel';
import { Meta } from '@cairn/service';
import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ViewListQuery, type FeatureView } from '../../feature-view/views/view-list/view-list.query.js';
import type { ChosenFeature } from '../domain/commands.js';
import { featureService } from '../domain/decider.js';
import { ServiceListQuery, type FeatureService } from '../views/service-list/service-list.query.js';
import { DefineServiceDto, FeatureRefDto, FeatureServiceVersionDto } from './define-service.dto.js';

@ApiTags('feature services')
@Controller('features/v1/feature-services')
export class FeatureServiceController {
  constructor(
    @Inject(CommandHandler) private readonly commands: CommandHandler,
    @Inject(ViewListQuery) private readonly views: ViewListQuery,
    @Inject(ServiceListQuery) private readonly services: ServiceListQuery,
  ) {}

  @Post()
  async define(@Body() body: DefineServiceDto, @Meta() meta: CommandMeta) {
    const serviceId = derivedId('feature-service', meta.workspace, body.name);
    const features: ChosenFeature[] = [];
    for (const ref of body.features) features.push(await this.resolve(ref, meta.workspace));
    await this.commands.handle(featureService, { type: 'DefineFeatureService', data: { serviceId, name: body.name, features }, meta }, { id: serviceId });
    return this.found(body.name, undefined, meta);
  }

  /** The newest version, or the one that is asked for. */
  @Get(':name')
  async find(@Param('name') name: string, @Query() { version }: FeatureServiceVersionDto, @Meta() meta: CommandMeta) {
    return this.found(name, version, meta);
  }

  private async found(name: string, version: number | undefined, { workspace }: CommandMeta) {
    const service = await this.services.find(workspace, name, version);
    if (service === undefined)
      throw new DomainError('FEATURE_SERVICE_NOT_FOUND', `No feature service is named ${name}${version === undefined ? '' : ` with version ${version}`}.`, 'missing');
    return convertService(service, await this.viewsOf(service));
  }

  /** The views that a service takes features from, each in the version that it names. */
  private async viewsOf({ features }: FeatureService): Promise<readonly FeatureView[]> {
    const named = new Map(features.map(({ viewId, viewVersion }) => [`${viewId}@${viewVersion}`, { viewId, viewVersion }]));
    const views = await Promise.all([...named.values()].map(({ viewId, viewVersion }) => this.views.findById(viewId, viewVersion)));
    return views.filter((view) => view !== undefined);
  }

  /** A service keeps the version of each view that it was defined with: a later change of the view does not reach a model behind its back. */
  private async resolve(ref: FeatureRefDto, workspace: string): Promise<ChosenFeature> {
    const view = await this.views.find(workspace, ref.view, ref.view_version);
    if (view === undefined)
      throw new DomainError(
        'FEATURE_VIEW_NOT_FOUND',
        `No feature view is named ${ref.view}${ref.view_version === undefined ? '' : ` with version ${ref.view_version}`}.`,
        'missing',
      );
    const feature = view.features.find(({ name }) => name === ref.feature);
    if (feature === undefined) throw new DomainError('FEATURE_NOT_FOUND', `Feature view ${ref.view} has no feature ${ref.feature}.`, 'missing');
    const joinColumns = ref.join_columns ?? [];
    return {
      kind: feature.kind,
      entityColumns: view.entityColumns,
      ref: { viewId: view.viewId, viewName: view.name, viewVersion: view.version, feature: ref.feature, joinColumns, column: ref.column ?? ref.feature },
    };
  }
}

function convertService(service: FeatureService, views: readonly FeatureView[]) {
  return {
    service_id: service.serviceId,
    name: service.name,
    version: service.version,
    features: service.features.map(({ viewId, viewName, viewVersion, feature, joinColumns, column }) => {
      const defined = views.find((view) => view.viewId === viewId && view.version === viewVersion)?.features.find(({ name }) => name === feature);
      return {
        view: viewName,
        view_version: viewVersion,
        feature,
        kind: defined?.kind ?? null,
        join_columns: joinColumns,
        column,
        default_value: defined?.defaultValue ?? null,
      };
    }),
  };
}
