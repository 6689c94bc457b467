import { DomainError, type CommandMeta } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { KnownVersionRow } from '../../dataset/views/known-version/known-version.entity.js';
import { KnownVersionQuery } from '../../dataset/views/known-version/known-version.query.js';
import { ViewListQuery, type FeatureView } from '../../feature-view/views/view-list/view-list.query.js';
import type { OnlineViewRow } from '../views/online-view/online-view.entity.js';
import { OnlineViewQuery } from '../views/online-view/online-view.query.js';
import { Materialiser } from './materialiser.js';

export interface MaterialiseOptions {
  /** Of the view; the newest when absent. */
  readonly version?: number | undefined;
  /** ISO 8601, in UTC where it names no offset; now when absent. */
  readonly until?: string | undefined;
  /** The newest certified one when absent. */
  readonly datasetVersionIds?: readonly string[] | undefined;
}

/** What is online of a view. */
export interface OnlineView {
  readonly view: FeatureView;
  /** Null: nothing was materialised yet. */
  readonly online: OnlineViewRow | null;
}

/** Names what is to be materialised, and says what is online then. */
@Injectable()
export class MaterialiseView {
  constructor(
    @Inject(ViewListQuery) private readonly views: ViewListQuery,
    @Inject(KnownVersionQuery) private readonly versions: KnownVersionQuery,
    @Inject(OnlineViewQuery) private readonly online: OnlineViewQuery,
    @Inject(Materialiser) private readonly materialiser: Materialiser,
  ) {}

  /** Throws DomainError FEATURE_VIEW_NOT_FOUND, FUTURE_MOMENT, DATASET_VERSION_NOT_FOUND, NOT_CERTIFIED, OTHER_DATASET, and what the materialiser throws. */
  async materialise(name: string, { version, until, datasetVersionIds }: MaterialiseOptions, meta: CommandMeta): Promise<OnlineView> {
    await this.versions.caughtUp();
    const { view } = await this.find(name, version, meta);
    const moment = momentOf(until, meta.now);
    const versions = await this.versionsFor(view, datasetVersionIds, meta);
    await this.materialiser.materialise({ view, versions, until: moment }, meta);
    return this.find(name, view.version, meta);
  }

  /** Throws DomainError FEATURE_VIEW_NOT_FOUND. */
  async find(name: string, version: number | undefined, { workspace }: CommandMeta): Promise<OnlineView> {
    const view = await this.views.find(workspace, name, version);
    if (view === undefined)
      throw new DomainError('FEATURE_VIEW_NOT_FOUND', `No feature view is named ${name}${version === undefined ? '' : ` with version ${version}`}.`, 'missing');
    return { view, online: await this.online.find(view.viewId, view.version) };
  }

  private async versionsFor({ name, datasetName }: FeatureView, ids: readonly string[] | undefined, { workspace }: CommandMeta): Promise<readonly KnownVersionRow[]> {
    if (ids === undefined) {
      const newest = await this.versions.newestCertifiedOf(workspace, datasetName);
      if (newest !== null) return [newest];
      throw new DomainError('NOT_CERTIFIED', `No version of ${datasetName} is certified; only certified data may be answered from.`, 'unmet');
    }
    const versions = await Promise.all(ids.map((id) => this.versions.certified(workspace, id)));
    const other = versions.find((version) => version.datasetName !== datasetName);
    if (other === undefined) return versions;
    throw new DomainError('OTHER_DATASET', `Feature view ${name} is about ${datasetName}, not ${other.datasetName}.`, 'unmet');
  }
}

/** In UTC with milliseconds. What is known at a moment is known when it is over, so the moment must not lie ahead. */
function momentOf(until: string | undefined, now: string): string {
  if (until === undefined) return new Date(now).toISOString();
  const inUtc = until.includes('T') && !/(Z|[+-]\d{2}(:?\d{2})?)$/i.test(until) ? `${until}Z` : until;
  const time = Date.parse(inUtc);
  if (Number.isNaN(time)) throw new DomainError('INVALID_MOMENT', `${until} is no RFC 3339 time.`, 'invalid');
  if (time > Date.parse(now)) throw new DomainError('FUTURE_MOMENT', `${until} lies ahead: nobody knows yet what will be known then.`, 'invalid');
  return new Date(time).toISOString();
}
