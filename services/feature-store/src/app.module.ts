import type { ServiceSpec } from '@cairn/service';
import { Module } from '@nestjs/common';
import { ExpressionCheck } from './dataset/expression-check.js';
import { KnownVersionProjection } from './dataset/views/known-version/known-version.projection.js';
import { KnownVersionQuery } from './dataset/views/known-version/known-version.query.js';
import { FeatureServiceController } from './feature-service/http/feature-service.controller.js';
import { ServiceListProjection } from './feature-service/views/service-list/service-list.projection.js';
import { ServiceListQuery } from './feature-service/views/service-list/service-list.query.js';
import { FeatureViewController } from './feature-view/http/feature-view.controller.js';
import { ViewListProjection } from './feature-view/views/view-list/view-list.projection.js';
import { ViewListQuery } from './feature-view/views/view-list/view-list.query.js';
import { ViewsServicesTrainingSets1800000000001 } from './migrations/0001-views-services-training-sets.js';
import { OnlineViews1800000000002 } from './migrations/0002-online-views.js';
import { AskedFeatures } from './online-view/answer/asked-features.js';
import { OnlineAnswers } from './online-view/answer/online-answer.js';
import { MaterialiseView } from './online-view/build/materialise-view.js';
import { Materialiser } from './online-view/build/materialiser.js';
import { OnlineFiles } from './online-view/build/online-files.js';
import { FeastController } from './online-view/http/feast.controller.js';
import { OnlineViewController } from './online-view/http/online-view.controller.js';
import { OnlineViewProjection } from './online-view/views/online-view/online-view.projection.js';
import { OnlineViewQuery } from './online-view/views/online-view/online-view.query.js';
import { JoinPlanner } from './training-set/build/join-plan.js';
import { LeakageMeasurement } from './training-set/build/leakage-measurement.js';
import { TrainingSetBuilder } from './training-set/build/training-set-builder.js';
import { TrainingSetController } from './training-set/http/training-set.controller.js';
import { TrainingSetListProjection } from './training-set/views/training-set-list/training-set-list.projection.js';
import { TrainingSetListQuery } from './training-set/views/training-set-list/training-set-list.query.js';

@Module({
  controllers: [FeatureViewController, FeatureServiceController, TrainingSetController, OnlineViewController, FeastController],
  providers: [
    AskedFeatures,
    ExpressionCheck,
    JoinPlanner,
    KnownVersionQuery,
    LeakageMeasurement,
    MaterialiseView,
    Materialiser,
    OnlineAnswers,
    OnlineFiles,
    OnlineViewQuery,
    ServiceListQuery,
    TrainingSetBuilder,
    TrainingSetListQuery,
    ViewListQuery,
  ],
})
class FeatureStoreModule {}

export const service: ServiceSpec = {
  name: 'feature-store',
  schema: 'features',
  title: 'Feature store',
  module: FeatureStoreModule,
  projections: [KnownVersionProjection, ViewListProjection, ServiceListProjection, TrainingSetListProjection, OnlineViewProjection],
  migrations: [ViewsServicesTrainingSets1800000000001, OnlineViews1800000000002],
  // 16,384 rows of two keys, as they are asked for at most.
  bodyLimitBytes: 4 * 1024 * 1024,
};
