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
import { JoinPlanner } from './training-set/build/join-plan.js';
import { LeakageMeasurement } from './training-set/build/leakage-measurement.js';
import { TrainingSetBuilder } from './training-set/build/training-set-builder.js';
import { TrainingSetController } from './training-set/http/training-set.controller.js';
import { TrainingSetListProjection } from './training-set/views/training-set-list/training-set-list.projection.js';
import { TrainingSetListQuery } from './training-set/views/training-set-list/training-set-list.query.js';

@Module({
  controllers: [FeatureViewController, FeatureServiceController, TrainingSetController],
  providers: [KnownVersionQuery, ViewListQuery, ServiceListQuery, TrainingSetListQuery, ExpressionCheck, JoinPlanner, LeakageMeasurement, TrainingSetBuilder],
})
class FeatureStoreModule {}

export const service: ServiceSpec = {
  name: 'feature-store',
  schema: 'features',
  title: 'Feature store',
  module: FeatureStoreModule,
  projections: [KnownVersionProjection, ViewListProjection, ServiceListProjection, TrainingSetListProjection],
  migrations: [ViewsServicesTrainingSets1800000000001],
};
