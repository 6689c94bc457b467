import { rm } from 'node:fs/promises';
import type { NewEvent } from '@cairn/event-store';
import { newId, type JsonObject } from '@cairn/kernel';
import type { TestService } from '@cairn/testing';
import { eventOf } from './lineage-log.js';

/** Ids of a whole loop, from a file that came from outside to a prediction. */
export interface Story {
  readonly dataset: string;
  readonly raw: string;
  readonly clean: string;
  readonly contract: string;
  readonly view: string;
  readonly featureService: string;
  readonly trainingSet: string;
  readonly run: string;
  readonly job: string;
  readonly version: string;
  readonly deployment: string;
  readonly rollout: string;
  readonly segment: string;
  readonly segmentDigest: string;
  readonly inference: string;
  /** Of the last event before the rollout began, and its time. */
  readonly beforeRollout: { readonly position: bigint; readonly time: string };
}

const RAW = 'SELECT i AS delay FROM range(100) AS rows (i)';
// Every tenth row violated the contract.
const CLEAN = 'SELECT i AS delay, i AS raw_row FROM range(100) AS rows (i) WHERE i % 10 <> 0 ORDER BY i';
const TRAINING = 'SELECT i / 90.0 AS late_share, i % 2 AS label, i AS source_row FROM range(90) AS rows (i) WHERE i % 3 = 1 ORDER BY i DESC';

/** Appends the events and stores the files that the services would. */
export async function tellStory(service: TestService): Promise<Story> {
  const ids = Object.fromEntries(
    [
      'dataset',
      'raw',
      'clean',
      'contract',
      'view',
      'featureService',
      'trainingSet',
      'run',
      'job',
      'version',
      'deployment',
      'rollout',
      'segment',
      'inference',
      'model',
      'experiment',
    ].map((name) => [name, newId()]),
  ) as Record<
    | 'dataset'
    | 'raw'
    | 'clean'
    | 'contract'
    | 'view'
    | 'featureService'
    | 'trainingSet'
    | 'run'
    | 'job'
    | 'version'
    | 'deployment'
    | 'rollout'
    | 'segment'
    | 'inference'
    | 'model'
    | 'experiment',
    string
  >;
  const [raw, clean, training] = [await parquet(service, RAW), await parquet(service, CLEAN), await parquet(service, TRAINING)];
  const segment = await parquet(
    service,
    `SELECT '${ids.inference}:' || i AS prediction_id, '${ids.inference}' AS inference_id, '2001-04-01T10:00:00Z' AS time, '2001-04-01T10:00:00Z' AS event_time,
       CASE WHEN i = 3 THEN '' ELSE '${ids.version}' END AS version_id, CASE WHEN i = 3 THEN 'fallback' ELSE arm END AS arm,
       (0.25 * i)::DOUBLE AS late_share, (0.1 * i)::DOUBLE AS prediction, 1.5 AS latency_ms
     FROM range(4) AS rows (i) CROSS JOIN (VALUES ('shadow'), ('live')) AS arms (arm)`,
  );
  const feature = { viewId: ids.view, viewName: 'airport', viewVersion: 1, feature: 'late_share' };

  await append(service, [
    ['cairn.catalog.v1.DatasetRegistered', { datasetId: ids.dataset, name: 'flights', owner: 'ana' }],
    [
      'cairn.catalog.v1.DatasetVersionRegistered',
      { versionId: ids.raw, datasetId: ids.dataset, datasetName: 'flights', version: 1, digest: raw, rowCount: '100', origin: 'npm:vega-datasets@3.2.1' },
    ],
    ['cairn.catalog.v1.ContractPublished', { contractId: ids.contract, datasetId: ids.dataset, datasetName: 'flights', version: '1.0.0' }],
    ['cairn.catalog.v1.ContractChecked', { versionId: ids.raw, contractId: ids.contract, contractVersion: '1.0.0', rowsChecked: '100', rowsViolating: '10' }],
    ['cairn.catalog.v1.DatasetVersionQuarantined', { versionId: ids.raw, reason: '10 of 100 rows violate the contract' }],
    [
      'cairn.catalog.v1.DatasetVersionRegistered',
      {
        versionId: ids.clean,
        datasetId: ids.dataset,
        datasetName: 'flights',
        version: 2,
        digest: clean,
        rowCount: '90',
        derivedFrom: [{ versionId: ids.raw, digest: raw, operation: 'contract-clean', rowNumberColumn: 'raw_row' }],
      },
    ],
    ['cairn.features.v1.FeatureViewDefined', { viewId: ids.view, name: 'airport', version: 1, datasetName: 'flights', features: [{ name: 'late_share' }] }],
    ['cairn.features.v1.FeatureServiceDefined', { serviceId: ids.featureService, name: 'delays', version: 1, features: [feature] }],
    [
      'cairn.features.v1.TrainingSetRequested',
      {
        trainingSetId: ids.trainingSet,
        name: 'january',
        featureServiceId: ids.featureService,
        featureServiceName: 'delays',
        featureServiceVersion: 1,
        features: [feature],
        datasetVersionId: ids.clean,
        datasetName: 'flights',
        datasetVersion: 2,
        datasetDigest: clean,
      },
    ],
    [
      'cairn.features.v1.TrainingSetBuilt',
      { trainingSetId: ids.trainingSet, digest: training, rowCount: '30', columns: ['late_share', 'label', 'source_row'], sourceRowColumn: 'source_row' },
    ],
    ['cairn.scheduler.v1.JobSubmitted', { jobId: ids.job, spec: { name: 'train', program: 'flight-delay' } }],
    ['cairn.tracking.v1.ExperimentCreated', { experimentId: ids.experiment, name: 'delays' }],
    ['cairn.tracking.v1.RunStarted', { runId: ids.run, experimentId: ids.experiment, name: 'logistic', tags: [{ key: 'cairn.job_id', value: ids.job }] }],
    ['cairn.tracking.v1.InputsLogged', { runId: ids.run, datasets: [{ name: 'january', digest: training.slice(0, 36), context: 'training' }] }],
    ['cairn.tracking.v1.MetricsLogged', { runId: ids.run, keys: ['auc'], values: [0.7], timestampsMs: ['1'], steps: ['0'] }],
    ['cairn.registry.v1.RegisteredModelCreated', { modelId: ids.model, name: 'flight-delay' }],
    [
      'cairn.registry.v1.ModelVersionCreated',
      { versionId: ids.version, modelId: ids.model, modelName: 'flight-delay', version: 1, runId: ids.run.replaceAll('-', ''), trainingSetId: ids.trainingSet },
    ],
    ['cairn.serving.v1.DeploymentCreated', { deploymentId: ids.deployment, name: 'delays', modelName: 'flight-delay', replicas: 2 }],
  ]);
  const beforeRollout = await lastEvent(service);
  await append(service, [
    ['cairn.serving.v1.RolloutStarted', { deploymentId: ids.deployment, rolloutId: ids.rollout, versionId: ids.version, version: 1 }],
    ['cairn.serving.v1.RolloutCompleted', { deploymentId: ids.deployment, rolloutId: ids.rollout, versionId: ids.version, version: 1 }],
    [
      'cairn.serving.v1.InferenceSegmentSealed',
      {
        deploymentId: ids.deployment,
        deploymentName: 'delays',
        segmentId: ids.segment,
        digest: segment,
        rowCount: '8',
        firstInferenceId: ids.inference,
        lastInferenceId: ids.inference,
        versionIds: [ids.version],
      },
    ],
  ]);
  return { ...ids, segmentDigest: segment, beforeRollout };
}

/** Each event in a stream of its own: the graph reads the log, not streams. */
export async function append(service: TestService, events: readonly (readonly [type: string, data: JsonObject])[]): Promise<void> {
  for (const [type, data] of events) {
    const event: NewEvent = eventOf(type, data);
    await service.store.append([{ stream: `told-${newId()}`, expected: 'none', events: [event] }]);
  }
}

async function parquet(service: TestService, sql: string): Promise<string> {
  const { tabular, objectStore } = service.running.parts;
  const { path } = await tabular.copyToParquet(sql);
  const { digest } = await objectStore.putFile(path);
  await rm(path);
  return digest;
}

async function lastEvent({ store }: TestService): Promise<{ position: bigint; time: string }> {
  const position = (await store.size()) - 1n;
  const { events } = await store.readAll(position);
  const [last] = events;
  if (last === undefined) throw new Error('the log is empty');
  return { position, time: last.time };
}
