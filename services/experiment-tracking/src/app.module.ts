import { MlflowFilter, mlflowProtocol } from '@cairn/mlflow';
import type { ServiceSpec } from '@cairn/service';
import { Module } from '@nestjs/common';
import { CreateExperimentHandler } from './experiment/http/create-experiment.handler.js';
import { CriteriaController } from './experiment/http/criteria.controller.js';
import { DatasetsController } from './experiment/http/datasets.controller.js';
import { ExperimentLifecycleController } from './experiment/http/experiment-lifecycle.controller.js';
import { ExperimentNames } from './experiment/http/experiment-names.js';
import { ExperimentsController } from './experiment/http/experiments.controller.js';
import { NamedBaselines } from './experiment/http/named-baselines.js';
import { RenameExperimentHandler } from './experiment/http/rename-experiment.handler.js';
import { CriteriaHistoryProjection } from './experiment/views/criteria-history/criteria-history.projection.js';
import { CriteriaHistoryQuery } from './experiment/views/criteria-history/criteria-history.query.js';
import { ExperimentListProjection } from './experiment/views/experiment-list/experiment-list.projection.js';
import { ExperimentListQuery } from './experiment/views/experiment-list/experiment-list.query.js';
import { VersionRunsProjection } from './experiment/views/version-runs/version-runs.projection.js';
import { VersionRunsQuery } from './experiment/views/version-runs/version-runs.query.js';
import { GraphqlController } from './graphql/graphql.controller.js';
import { Questions } from './graphql/questions.js';
import { VersionsOfRun } from './graphql/versions-of-run.js';
import { LoggedModelsController } from './logged-model/http/logged-models.controller.js';
import { ModelArtifactsController } from './logged-model/http/model-artifacts.controller.js';
import { LoggedModelListProjection } from './logged-model/views/logged-model-list/logged-model-list.projection.js';
import { LoggedModelListQuery } from './logged-model/views/logged-model-list/logged-model-list.query.js';
import { ModelMetricsProjection } from './logged-model/views/model-metrics/model-metrics.projection.js';
import { ExperimentsAndRuns1800000000001 } from './migrations/0001-experiments-and-runs.js';
import { Deletion1800000000002 } from './migrations/0002-deletion.js';
import { LoggedModels1800000000003 } from './migrations/0003-logged-models.js';
import { Traces1800000000004 } from './migrations/0004-traces.js';
import { Workspaces1800000000007 } from './migrations/0007-workspaces.js';
import { RunEvidence1800000000020 } from './migrations/0020-run-evidence.js';
import { Cost1800000000021 } from './migrations/0021-cost.js';
import { MetricChunks1800000000022 } from './migrations/0022-metric-chunks.js';
import { TraceFigures1800000000030 } from './migrations/0030-trace-figures.js';
import { SearchIndexes1800000000031 } from './migrations/0031-search-indexes.js';
import { ServerController, UnknownRouteController } from './mlflow/server.controller.js';
import { PriceListsController } from './price-list/http/price-lists.controller.js';
import { PriceListsProjection } from './price-list/views/price-lists/price-lists.projection.js';
import { PriceListsQuery } from './price-list/views/price-lists/price-lists.query.js';
import { CostController } from './resource-use/http/cost.controller.js';
import { ExperimentCostController } from './resource-use/http/experiment-cost.controller.js';
import { RunCosts } from './resource-use/http/run-costs.js';
import { ObservedRunsQuery } from './resource-use/views/resource-figures/observed-runs.query.js';
import { ResourceFiguresProjection } from './resource-use/views/resource-figures/resource-figures.projection.js';
import { streamArtifactBodies } from './run/http/artifact-bodies.js';
import { ArtifactFiles } from './run/http/artifact-files.js';
import { ArtifactOwners } from './run/http/artifact-owners.js';
import { ArtifactsController } from './run/http/artifacts.controller.js';
import { BulkMetricsController } from './run/http/bulk-metrics.controller.js';
import { ComparisonController } from './run/http/comparison.controller.js';
import { MetricsController } from './run/http/metrics.controller.js';
import { MultipartController } from './run/http/multipart.controller.js';
import { PartUploads } from './run/http/part-uploads.js';
import { ReproducibilityController } from './run/http/reproducibility.controller.js';
import { RunCardController } from './run/http/run-card.controller.js';
import { RunLifecycleController } from './run/http/run-lifecycle.controller.js';
import { RunLoggingController } from './run/http/run-logging.controller.js';
import { RunsController } from './run/http/runs.controller.js';
import { StartRunHandler } from './run/http/start-run.handler.js';
import { ArtifactTreeProjection } from './run/views/artifact-tree/artifact-tree.projection.js';
import { ArtifactTreeQuery } from './run/views/artifact-tree/artifact-tree.query.js';
import { NamedArtifactsQuery } from './run/views/artifact-tree/named-artifacts.query.js';
import { DatasetListQuery } from './run/views/dataset-list/dataset-list.query.js';
import { MetricHistoryProjection } from './run/views/metric-history/metric-history.projection.js';
import { MetricHistoryQuery } from './run/views/metric-history/metric-history.query.js';
import { MetricSamplesQuery } from './run/views/metric-history/metric-samples.query.js';
import { MeasuredRunsQuery } from './run/views/run-list/measured-runs.query.js';
import { RunListProjection } from './run/views/run-list/run-list.projection.js';
import { KnownRuns } from './run/views/run-list/known-runs.js';
import { RunListQuery } from './run/views/run-list/run-list.query.js';
import { SeenDefaultsQuery } from './run/views/run-list/seen-defaults.query.js';
import { RunModelsProjection } from './run/views/run-models/run-models.projection.js';
import { OtlpController } from './span-log/http/otlp.controller.js';
import { readOtlpBodies } from './span-log/http/otlp-bodies.js';
import { SpanSegmentsController } from './span-log/http/span-segments.controller.js';
import { SpanKeeping } from './span-log/span-keeping.js';
import { SpanIntake } from './span-log/store/span-intake.js';
import { SpanReader } from './span-log/store/span-reader.js';
import { SpanReindex } from './span-log/store/span-reindex.js';
import { SpanSealer } from './span-log/store/span-sealer.js';
import { SegmentListProjection } from './span-log/views/segment-list/segment-list.projection.js';
import { SegmentListQuery } from './span-log/views/segment-list/segment-list.query.js';
import { AssessmentsController } from './trace/http/assessments.controller.js';
import { LegacyTracesController } from './trace/http/legacy-traces.controller.js';
import { SpansOfTraces } from './trace/http/spans-of-traces.js';
import { TraceAnalyticsController } from './trace/http/trace-analytics.controller.js';
import { TraceArtifactsController } from './trace/http/trace-artifacts.controller.js';
import { TraceEditsController } from './trace/http/trace-edits.controller.js';
import { TracesController } from './trace/http/traces.controller.js';
import { TracesHandler } from './trace/http/traces.handler.js';
import { TraceObserver } from './trace/observe/trace-observer.js';
import { TraceListProjection } from './trace/views/trace-list/trace-list.projection.js';
import { TraceListQuery } from './trace/views/trace-list/trace-list.query.js';
import { FilterCountsQuery } from './trace/views/trace-metrics/filter-counts.query.js';
import { TraceMetricsQuery } from './trace/views/trace-metrics/trace-metrics.query.js';
import { WorkspacesController } from './workspace/http/workspaces.controller.js';
import { WorkspaceListProjection } from './workspace/views/workspace-list/workspace-list.projection.js';
import { WorkspaceListQuery } from './workspace/views/workspace-list/workspace-list.query.js';

@Module({
  controllers: [
    ExperimentsController,
    ExperimentLifecycleController,
    CriteriaController,
    RunsController,
    RunLifecycleController,
    RunLoggingController,
    MetricsController,
    BulkMetricsController,
    DatasetsController,
    ArtifactsController,
    MultipartController,
    PriceListsController,
    CostController,
    ExperimentCostController,
    ComparisonController,
    ReproducibilityController,
    RunCardController,
    OtlpController,
    SpanSegmentsController,
    TraceEditsController,
    TracesController,
    TraceAnalyticsController,
    AssessmentsController,
    LegacyTracesController,
    TraceArtifactsController,
    LoggedModelsController,
    ModelArtifactsController,
    WorkspacesController,
    GraphqlController,
    ServerController,
    UnknownRouteController,
  ],
  providers: [
    MlflowFilter,
    CreateExperimentHandler,
    ExperimentNames,
    RenameExperimentHandler,
    StartRunHandler,
    ExperimentListQuery,
    CriteriaHistoryQuery,
    NamedBaselines,
    VersionRunsQuery,
    MeasuredRunsQuery,
    SeenDefaultsQuery,
    PriceListsQuery,
    ObservedRunsQuery,
    RunCosts,
    KnownRuns,
    RunListQuery,
    MetricHistoryQuery,
    MetricSamplesQuery,
    DatasetListQuery,
    ArtifactTreeQuery,
    NamedArtifactsQuery,
    ArtifactOwners,
    ArtifactFiles,
    PartUploads,
    LoggedModelListQuery,
    SpanIntake,
    SpanReader,
    SpanReindex,
    SpanSealer,
    SpanKeeping,
    SegmentListQuery,
    TraceListQuery,
    TraceMetricsQuery,
    FilterCountsQuery,
    TraceObserver,
    TracesHandler,
    SpansOfTraces,
    WorkspaceListQuery,
    Questions,
    VersionsOfRun,
  ],
})
class ExperimentTrackingModule {}

export const service: ServiceSpec = {
  name: 'experiment-tracking',
  schema: 'tracking',
  title: 'Experiment tracking',
  module: ExperimentTrackingModule,
  protocols: [mlflowProtocol],
  projections: [
    ExperimentListProjection,
    CriteriaHistoryProjection,
    VersionRunsProjection,
    PriceListsProjection,
    ResourceFiguresProjection,
    RunListProjection,
    MetricHistoryProjection,
    ArtifactTreeProjection,
    RunModelsProjection,
    LoggedModelListProjection,
    ModelMetricsProjection,
    WorkspaceListProjection,
    TraceListProjection,
    SegmentListProjection,
  ],
  migrations: [
    ExperimentsAndRuns1800000000001,
    Deletion1800000000002,
    LoggedModels1800000000003,
    Traces1800000000004,
    Workspaces1800000000007,
    RunEvidence1800000000020,
    Cost1800000000021,
    MetricChunks1800000000022,
    TraceFigures1800000000030,
    SearchIndexes1800000000031,
  ],
  configure: (app) => {
    streamArtifactBodies(app);
    readOtlpBodies(app);
  },
};
