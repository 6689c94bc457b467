import type { Digest, ObjectStore } from '@cairn/object-store';
import { OBJECT_STORE } from '@cairn/service';
import type { CarriedColumn, PointInTimeJoinSpec, PredictedRows, TimedValue, WindowSource } from '@cairn/tabular';
import { DomainError } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import type { KnownVersionRow } from '../../dataset/views/known-version/known-version.entity.js';
import type { FeatureRef } from '../../feature-service/domain/commands.js';
import { ViewListQuery, type FeatureView } from '../../feature-view/views/view-list/view-list.query.js';
import { sourceName, windowFeature, windowSource } from '../../feature-view/window.js';

export interface PlanRequest {
  readonly features: readonly FeatureRef[];
  readonly version: KnownVersionRow;
  /** Rows of these feed the windows too. */
  readonly history: readonly KnownVersionRow[];
  readonly predictionTime: string;
  /** RFC 3339; rows whose moment lies in [from, to). */
  readonly from: string;
  readonly to: string;
  readonly sampleEvery: number;
  readonly carry: readonly CarriedColumn[];
}

export interface JoinPlan {
  readonly rows: PredictedRows;
  readonly join: PointInTimeJoinSpec;
  /** Values that come from the predicted row itself, with the moment each one becomes known. */
  readonly timed: readonly TimedValue[];
}

/** Translates feature references into a point-in-time join over the files of the dataset versions. */
@Injectable()
export class JoinPlanner {
  constructor(
    @Inject(OBJECT_STORE) private readonly objects: ObjectStore,
    @Inject(ViewListQuery) private readonly views: ViewListQuery,
  ) {}

  /** Throws DomainError FEATURE_NOT_FOUND or OTHER_DATASET. */
  async plan(request: PlanRequest): Promise<JoinPlan> {
    const { version, history, predictionTime, from, to, sampleEvery } = request;
    const path = await this.objects.localPath(version.digest as Digest);
    const paths = [...(await Promise.all(history.map(({ digest }) => this.objects.localPath(digest as Digest)))), path];
    const rows: PredictedRows = { path, predictionTime, from, to, sampleEvery };
    const sources: Record<string, WindowSource> = {};
    const features: PointInTimeJoinSpec['features'][number][] = [];
    const timed: TimedValue[] = [];
    for (const ref of request.features) {
      const view = await this.viewOf(ref, version.datasetName);
      const feature = view.features.find(({ name }) => name === ref.feature);
      if (feature === undefined) throw new DomainError('FEATURE_NOT_FOUND', `Feature view ${view.name} has no feature ${ref.feature}.`, 'missing');
      const { expression, defaultValue } = feature;
      if (feature.kind === 'row') {
        features.push({ kind: 'row', column: ref.column, expression, defaultValue });
        timed.push({ column: ref.column, expression, knownTime: feature.knownTime });
        continue;
      }
      sources[sourceName(view)] ??= windowSource(view, paths);
      features.push(windowFeature(view, feature, ref.column, ref.joinColumns));
    }
    return { rows, timed, join: { rows, sources, features, carry: request.carry } };
  }

  private async viewOf({ viewId, viewName, viewVersion }: FeatureRef, datasetName: string): Promise<FeatureView> {
    const view = await this.views.findById(viewId, viewVersion);
    if (view === undefined) throw new DomainError('FEATURE_VIEW_NOT_FOUND', `No feature view is named ${viewName} with version ${viewVersion}.`, 'missing');
    if (view.datasetName === datasetName) return view;
    throw new DomainError('OTHER_DATASET', `Feature view ${viewName} is about ${view.datasetName}, not ${datasetName}.`, 'unmet');
  }
}
