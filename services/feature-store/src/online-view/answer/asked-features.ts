import { DomainError } from '@cairn/kernel';
import { ProjectionRunner, RememberedLookUp } from '@cairn/read-model';
import { Inject, Injectable } from '@nestjs/common';
import { ServiceListQuery, type FeatureService } from '../../feature-service/views/service-list/service-list.query.js';
import { ViewListQuery, type FeatureView } from '../../feature-view/views/view-list/view-list.query.js';
import { windowFeatures } from '../../feature-view/window.js';

/** What a question asks for: features by name, `view:feature` or `view@v2:feature`, or those of a feature service. */
export type AskedBy = { readonly features: readonly string[] } | { readonly service: string; readonly version: number | undefined };

export interface AskedFeature {
  /** Of the feature, or of its column where a service calls it otherwise. */
  readonly name: string;
  readonly view: FeatureView;
  /** Among the view's window features. */
  readonly index: number;
  /** Names of the entities, in the order of the view's entity columns. */
  readonly entities: readonly string[];
}

const REFERENCE = /^([^:@]+)(?:@v(\d{1,9}))?:(.+)$/;
const REMEMBERED = 1_000;
const DEFINITIONS = ['cairn.features.v1.FeatureViewDefined', 'cairn.features.v1.FeatureServiceDefined'];

/** Definitions hardly ever change and every question needs them: they are remembered until one changes. */
@Injectable()
export class AskedFeatures {
  private readonly views: RememberedLookUp<FeatureView>;
  private readonly viewsById: RememberedLookUp<FeatureView>;
  private readonly services: RememberedLookUp<FeatureService>;

  constructor(
    @Inject(ViewListQuery) views: ViewListQuery,
    @Inject(ServiceListQuery) services: ServiceListQuery,
    @Inject(ProjectionRunner) runner: ProjectionRunner,
  ) {
    const options = { runner, changedBy: DEFINITIONS, max: REMEMBERED };
    this.views = new RememberedLookUp({ ...options, find: (key) => views.find(...partsOf(key)) });
    this.viewsById = new RememberedLookUp({ ...options, find: (key) => findById(views, key) });
    this.services = new RememberedLookUp({ ...options, find: (key) => services.find(...partsOf(key)) });
  }

  /** In the order asked for. Throws DomainError FEATURE_VIEW_NOT_FOUND, FEATURE_NOT_FOUND, FEATURE_SERVICE_NOT_FOUND, INVALID_FEATURE or NOT_ONLINE. */
  async resolve(workspace: string, asked: AskedBy): Promise<readonly AskedFeature[]> {
    if ('service' in asked) return this.ofService(workspace, asked.service, asked.version);
    const found: AskedFeature[] = [];
    for (const reference of asked.features) found.push(await this.named(workspace, reference));
    return found;
  }

  private async named(workspace: string, reference: string): Promise<AskedFeature> {
    const [whole, name = '', version, feature = ''] = REFERENCE.exec(reference) ?? [];
    if (whole === undefined) throw new DomainError('INVALID_FEATURE', `${reference} must be view:feature, or view@v2:feature for version 2 of the view.`, 'invalid');
    const view = await this.views.find(keyOf(workspace, name, version === undefined ? undefined : Number(version)));
    if (view === undefined)
      throw new DomainError('FEATURE_VIEW_NOT_FOUND', `No feature view is named ${name}${version === undefined ? '' : ` with version ${version}`}.`, 'missing');
    if (!view.features.some((known) => known.name === feature))
      throw new DomainError('FEATURE_NOT_FOUND', `Feature view ${name} has no feature ${feature}.`, 'missing');
    const index = windowFeatures(view).findIndex((known) => known.name === feature);
    if (index === -1) throw notOnline(`${reference} is taken from the predicted row: whoever asks has it, and nobody else.`);
    return { name: feature, view, index, entities: view.entityColumns };
  }

  /** Row features of a service have no online value and are left out. */
  private async ofService(workspace: string, name: string, version: number | undefined): Promise<readonly AskedFeature[]> {
    const service = await this.services.find(keyOf(workspace, name, version));
    if (service === undefined)
      throw new DomainError('FEATURE_SERVICE_NOT_FOUND', `No feature service is named ${name}${version === undefined ? '' : ` with version ${version}`}.`, 'missing');
    const found: AskedFeature[] = [];
    for (const { viewId, viewVersion, feature, column, joinColumns } of service.features) {
      const view = await this.viewsById.find(JSON.stringify([viewId, viewVersion]));
      if (view === undefined) throw new DomainError('FEATURE_VIEW_NOT_FOUND', `A view of feature service ${name} is not known.`, 'missing');
      const index = windowFeatures(view).findIndex((known) => known.name === feature);
      if (index !== -1) found.push({ name: column, view, index, entities: joinColumns });
    }
    if (found.length === 0) throw notOnline(`All features of ${name} are taken from the predicted row: there is nothing to look up.`);
    return found;
  }
}

function keyOf(workspace: string, name: string, version: number | undefined): string {
  return JSON.stringify([workspace, name, version ?? null]);
}

function partsOf(key: string): [workspace: string, name: string, version: number | undefined] {
  const [workspace, name, version] = JSON.parse(key) as [string, string, number | null];
  return [workspace, name, version ?? undefined];
}

function findById(views: ViewListQuery, key: string): Promise<FeatureView | undefined> {
  const [viewId, version] = JSON.parse(key) as [string, number];
  return views.findById(viewId, version);
}

function notOnline(message: string): DomainError {
  return new DomainError('NOT_ONLINE', message, 'invalid');
}
