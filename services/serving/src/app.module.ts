import { hostname } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '@cairn/event-store';
import type { ObjectStore } from '@cairn/object-store';
import { EVENT_STORE, LOGGER, METRICS, NATS_LINK, OBJECT_STORE, SERVICE_CONFIG, SERVICE_SETTINGS, type Logger, type ServiceConfig, type ServiceSpec } from '@cairn/service';
import type { NatsLink } from '@cairn/messaging';
import { Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { readServingSettings, type ServingSettings } from './config.js';
import { DeploymentController } from './deployment/http/deployment.controller.js';
import { InForce } from './deployment/http/in-force.js';
import { KillSwitchController } from './deployment/http/kill-switch.controller.js';
import { RolloutCandidates } from './deployment/http/rollout-candidates.js';
import { RolloutController } from './deployment/http/rollout.controller.js';
import { DeploymentListProjection } from './deployment/views/deployment-list/deployment-list.projection.js';
import { DeploymentListQuery } from './deployment/views/deployment-list/deployment-list.query.js';
import { RolloutHistoryProjection } from './deployment/views/rollout-history/rollout-history.projection.js';
import { RolloutHistoryQuery } from './deployment/views/rollout-history/rollout-history.query.js';
import { ServableVersionProjection } from './deployment/views/servable-version/servable-version.projection.js';
import { ServableVersionQuery } from './deployment/views/servable-version/servable-version.query.js';
import { CommandControlPlane } from './fleet/command-control-plane.js';
import { FeatureLookUps } from './features/feature-look-ups.js';
import { FeatureLookUpController } from './features/http/feature-look-up.controller.js';
import { FeatureServices } from './features/http/feature-services.js';
import { ONLINE_FEATURES } from './features/online-features.js';
import { openOnlineFeatures } from './features/open-online-features.js';
import { CONTROL_PLANE, Fleet, START_REPLICA, WORK_FEED } from './fleet/fleet.js';
import { LogWorkFeed } from './fleet/work-feed.js';
import { GrpcServer } from './grpc/grpc-server.js';
import { InferenceMethods } from './grpc/inference-methods.js';
import { InferenceLogController } from './inference-log/http/inference-log.controller.js';
import { PredictionController } from './inference-log/http/prediction.controller.js';
import { JoinedTables } from './inference-log/joined/joined-table.js';
import { LabelHistory } from './inference-log/joined/label-history.js';
import { PredictionFinder } from './inference-log/joined/prediction-finder.js';
import { LabelRecorder } from './inference-log/labels/label-recorder.js';
import { CommandSegmentLedger } from './inference-log/recorder/command-segment-ledger.js';
import { InferenceRecorder } from './inference-log/recorder/inference-recorder.js';
import { RetentionSweep } from './inference-log/retention/retention-sweep.js';
import { LogContentsProjection } from './inference-log/views/log-contents/log-contents.projection.js';
import { LogContentsQuery } from './inference-log/views/log-contents/log-contents.query.js';
import { InferenceMetrics } from './inference/inference-metrics.js';
import { InferenceService } from './inference/inference-service.js';
import { InferenceStatistics } from './inference/inference-statistics.js';
import { ServingLifecycle } from './lifecycle.js';
import { DeploymentsAndInferenceLogs1800000000001 } from './migrations/0001-deployments-and-inference-logs.js';
import { RenamedAndDeletedVersions1800000000002 } from './migrations/0002-renamed-and-deleted-versions.js';
import { Batching1800000000003 } from './migrations/0003-batching.js';
import { Logging1800000000004 } from './migrations/0004-logging.js';
import { FeatureLookUp1800000000005 } from './migrations/0005-feature-look-up.js';
import { FallbackAndKillSwitch1800000000006 } from './migrations/0006-fallback-and-kill-switch.js';
import type { StartReplica } from './replica/replica.js';
import { WorkerReplica } from './replica/worker/worker-replica.js';
import type { ControlPlane } from './replica/control-plane.js';
import { ControlDesk } from './replicas/control-desk.js';
import { ReplicasController } from './replicas/http/replicas.controller.js';
import { ReplicaDirectory } from './replicas/replica-directory.js';
import { replicaPlace, ReplicaState } from './replicas/replica-state.js';
import { settle } from './replicas/settle.js';
import { SignsOfLife } from './replicas/signs-of-life.js';
import { describeV2 } from './v2/describe-v2.js';
import { addV2Routes } from './v2/v2-routes.js';

@Module({
  controllers: [
    DeploymentController, FeatureLookUpController, KillSwitchController, RolloutController, InferenceLogController, PredictionController, ReplicasController,
  ],
  providers: [
    {
      provide: START_REPLICA,
      inject: [SERVICE_SETTINGS],
      useFactory: ({ replicaQueue }: ServingSettings): StartReplica => () => new WorkerReplica({ maxPending: replicaQueue }),
    },
    {
      provide: InferenceRecorder,
      inject: [CommandSegmentLedger, OBJECT_STORE, LOGGER, SERVICE_SETTINGS, SERVICE_CONFIG],
      useFactory: (ledger: CommandSegmentLedger, objects: ObjectStore, logger: Logger, settings: ServingSettings, { dataDir, port }: ServiceConfig) => {
        const { replicaName = `${hostname()}-${port}` } = settings;
        return new InferenceRecorder({ ...settings, replicaName, ledger, objects, logger, directory: join(dataDir, 'serving', 'inference-log') });
      },
    },
    CommandSegmentLedger,
    { provide: CONTROL_PLANE, useClass: CommandControlPlane },
    { provide: WORK_FEED, inject: [EVENT_STORE, LOGGER], useFactory: (store: EventStore, logger: Logger) => new LogWorkFeed(store, logger) },
    {
      provide: ReplicaState,
      inject: [SERVICE_CONFIG, SERVICE_SETTINGS, HttpAdapterHost, GrpcServer, Fleet],
      useFactory: ({ host }: ServiceConfig, { replicaName }: ServingSettings, { httpAdapter }: HttpAdapterHost, grpc: GrpcServer, fleet: Fleet) =>
        new ReplicaState(() => replicaPlace({ host, replicaName, http: httpAdapter.getHttpServer(), grpcPort: grpc.port }), fleet),
    },
    {
      provide: ReplicaDirectory,
      inject: [NATS_LINK, LOGGER, ReplicaState],
      useFactory: (link: NatsLink | undefined, logger: Logger, here: ReplicaState) => new ReplicaDirectory({ link, logger, here }),
    },
    {
      provide: ControlDesk,
      inject: [NATS_LINK, LOGGER, CONTROL_PLANE, CommandSegmentLedger],
      useFactory: (link: NatsLink | undefined, logger: Logger, controlPlane: ControlPlane, ledger: CommandSegmentLedger) =>
        new ControlDesk({ link, logger, controlPlane, ledger }),
    },
    {
      provide: SignsOfLife,
      inject: [NATS_LINK, LOGGER, ReplicaState, Fleet, InferenceRecorder],
      useFactory: (link: NatsLink | undefined, logger: Logger, state: ReplicaState, fleet: Fleet, recorder: InferenceRecorder) =>
        new SignsOfLife({ link, logger, state, settle: (question) => settle({ fleet, recorder }, question) }),
    },
    DeploymentListQuery,
    FeatureLookUps,
    FeatureServices,
    { provide: ONLINE_FEATURES, inject: [SERVICE_CONFIG, SERVICE_SETTINGS, METRICS], useFactory: openOnlineFeatures },
    Fleet,
    GrpcServer,
    InForce,
    InferenceMethods,
    InferenceMetrics,
    InferenceService,
    InferenceStatistics,
    JoinedTables,
    LabelHistory,
    LabelRecorder,
    LogContentsQuery,
    PredictionFinder,
    RetentionSweep,
    RolloutCandidates,
    RolloutHistoryQuery,
    ServableVersionQuery,
    ServingLifecycle,
  ],
})
class ServingModule {}

export const service: ServiceSpec = {
  name: 'serving',
  schema: 'serving',
  title: 'Serving',
  module: ServingModule,
  projections: [DeploymentListProjection, RolloutHistoryProjection, ServableVersionProjection, LogContentsProjection],
  migrations: [
    DeploymentsAndInferenceLogs1800000000001,
    RenamedAndDeletedVersions1800000000002,
    Batching1800000000003,
    Logging1800000000004,
    FeatureLookUp1800000000005,
    FallbackAndKillSwitch1800000000006,
  ],
  bodyLimitBytes: 2 * 1024 * 1024,
  settings: readServingSettings,
  configure: (app) => {
    const { limits } = app.get<ServingSettings>(SERVICE_SETTINGS);
    const data = { fleet: app.get(Fleet), inference: app.get(InferenceService), statistics: app.get(InferenceStatistics) };
    addV2Routes(app.getHttpAdapter().getInstance(), { ...data, logger: app.get<Logger>(LOGGER), limits });
    // For bodies that nobody reads, such as that of a path that is none.
    app.getHttpServer().requestTimeout = 2 * limits.bodyTimeoutMs;
  },
  describe: describeV2,
};
