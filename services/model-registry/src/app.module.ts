import { MlflowFilter, mlflowProtocol } from '@cairn/mlflow';
import type { ServiceSpec } from '@cairn/service';
import { Module } from '@nestjs/common';
import { readSettings } from './config.js';
import { FiguresController } from './figures/http/figures.controller.js';
import { RunCosts } from './figures/http/run-costs.js';
import { DebtQuery } from './figures/views/rollout-history/debt.query.js';
import { RolloutHistoryProjection } from './figures/views/rollout-history/rollout-history.projection.js';
import { RolloutHistoryQuery } from './figures/views/rollout-history/rollout-history.query.js';
import { FreezeController } from './freeze/http/freeze.controller.js';
import { FreezeListProjection } from './freeze/views/freeze-list/freeze-list.projection.js';
import { FreezeListQuery } from './freeze/views/freeze-list/freeze-list.query.js';
import { ModelsVersionsEvidence1800000000001 } from './migrations/0001-models-versions-evidence.js';
import { JobEvidence1800000000002 } from './migrations/0002-job-evidence.js';
import { VersionUpdates1800000000003 } from './migrations/0003-version-updates.js';
import { Lifecycle1800000000004 } from './migrations/0004-lifecycle.js';
import { Webhooks1800000000005 } from './migrations/0005-webhooks.js';
import { Provenance1800000000010 } from './migrations/0010-provenance.js';
import { RolloutHistory1800000000011 } from './migrations/0011-rollout-history.js';
import { UnknownRouteController } from './mlflow/unknown-route.controller.js';
import { CardFactsReader } from './model-card/http/card-facts.js';
import { ModelCardController } from './model-card/http/model-card.controller.js';
import { MlmodelFile } from './model-card/mlmodel/mlmodel-file.js';
import { CreateVersionHandler } from './model-version/http/create-version.handler.js';
import { GatesHandler } from './model-version/http/gates.handler.js';
import { MlflowSources } from './model-version/http/mlflow-sources.js';
import { MlflowVersionEditsController } from './model-version/http/mlflow-version-edits.controller.js';
import { MlflowVersionsController } from './model-version/http/mlflow-versions.controller.js';
import { VersionFilesController } from './model-version/http/version-files.controller.js';
import { ModelVersionController } from './model-version/http/model-version.controller.js';
import { OwnView } from './model-version/http/own-view.js';
import { EvidenceProjection } from './model-version/views/evidence/evidence.projection.js';
import { EvidenceQuery } from './model-version/views/evidence/evidence.query.js';
import { VersionListProjection } from './model-version/views/version-list/version-list.projection.js';
import { VersionListQuery } from './model-version/views/version-list/version-list.query.js';
import { LogFacts } from './provenance/facts/log-facts.js';
import { NamedVersion } from './provenance/http/named-version.js';
import { ProvenanceController } from './provenance/http/provenance.controller.js';
import { ProvenanceHandler } from './provenance/http/provenance.handler.js';
import { SigningKey } from './provenance/signing/signing-key.js';
import { StatementListProjection } from './provenance/views/statement-list/statement-list.projection.js';
import { StatementListQuery } from './provenance/views/statement-list/statement-list.query.js';
import { MlflowModelEditsController } from './registered-model/http/mlflow-model-edits.controller.js';
import { MlflowModelsController } from './registered-model/http/mlflow-models.controller.js';
import { ModelLifecycleHandler } from './registered-model/http/model-lifecycle.handler.js';
import { ModelNames } from './registered-model/http/model-names.js';
import { RegisterModelHandler } from './registered-model/http/register-model.handler.js';
import { RegisteredModelController } from './registered-model/http/registered-model.controller.js';
import { ModelListProjection } from './registered-model/views/model-list/model-list.projection.js';
import { ModelListQuery } from './registered-model/views/model-list/model-list.query.js';
import { DeliverySchedule } from './webhook-delivery/delivering/delivery-schedule.js';
import { DeliveryQueueProjection } from './webhook-delivery/views/delivery-queue/delivery-queue.projection.js';
import { DeliveryQueueQuery } from './webhook-delivery/views/delivery-queue/delivery-queue.query.js';
import { MlflowWebhooksController } from './webhook/http/mlflow-webhooks.controller.js';
import { WebhookController } from './webhook/http/webhook.controller.js';
import { WebhooksHandler } from './webhook/http/webhooks.handler.js';
import { SecretSeal } from './webhook/sending/sealed-secret.js';
import { WebhookSender } from './webhook/sending/webhook-sender.js';

@Module({
  controllers: [
    RegisteredModelController,
    ModelVersionController,
    FreezeController,
    ProvenanceController,
    ModelCardController,
    FiguresController,
    MlflowModelsController,
    MlflowModelEditsController,
    MlflowVersionsController,
    MlflowVersionEditsController,
    VersionFilesController,
    WebhookController,
    MlflowWebhooksController,
    UnknownRouteController,
  ],
  providers: [
    MlflowFilter,
    ModelNames,
    RegisterModelHandler,
    ModelLifecycleHandler,
    CreateVersionHandler,
    OwnView,
    MlflowSources,
    GatesHandler,
    ModelListQuery,
    VersionListQuery,
    FreezeListQuery,
    EvidenceQuery,
    DeliveryQueueQuery,
    LogFacts,
    MlmodelFile,
    CardFactsReader,
    NamedVersion,
    ProvenanceHandler,
    SigningKey,
    StatementListQuery,
    RolloutHistoryQuery,
    DebtQuery,
    RunCosts,
    SecretSeal,
    WebhookSender,
    WebhooksHandler,
    DeliverySchedule,
  ],
})
class ModelRegistryModule {}

export const service: ServiceSpec = {
  name: 'model-registry',
  schema: 'registry',
  title: 'Model registry',
  module: ModelRegistryModule,
  protocols: [mlflowProtocol],
  projections: [
    ModelListProjection,
    VersionListProjection,
    EvidenceProjection,
    FreezeListProjection,
    DeliveryQueueProjection,
    StatementListProjection,
    RolloutHistoryProjection,
  ],
  migrations: [
    ModelsVersionsEvidence1800000000001,
    JobEvidence1800000000002,
    VersionUpdates1800000000003,
    Lifecycle1800000000004,
    Webhooks1800000000005,
    Provenance1800000000010,
    RolloutHistory1800000000011,
  ],
  settings: readSettings,
};
