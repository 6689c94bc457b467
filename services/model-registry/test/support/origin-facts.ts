import { digestOf } from '@cairn/object-store';
import { newId, streamName, type DomainEvent } from '@cairn/kernel';
import type { RegistryClient } from './registry-client.js';

const hexId = () => newId().replaceAll('-', '');
const dashed = (hex: string) => [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
export const DATA_DIGEST = digestOf('rows');
export const SET_DIGEST = digestOf('training rows');
export const LOCK_DIGEST = digestOf('numpy==2.3.1');

export interface RecordedOrigin {
  readonly runId: string;
  readonly trainingSetId: string;
  readonly datasetVersionId: string;
  readonly jobId: string;
}

/** Where a version may come from, as the other services record it, in the streams that they own. */
export async function recordOrigin(registry: RegistryClient): Promise<RecordedOrigin> {
  const [runId, trainingSetId, datasetVersionId, jobId, contractId] = [hexId(), newId(), newId(), newId(), newId()];
  const record = (category: string, id: string, ...events: readonly DomainEvent[]) => registry.record(streamName(category, id), ...events);
  const rules = [{ column: 'delay', unit: 'min', minimum: -60, maximum: 600, required: true, businessName: 'Delay' }];
  await record('contract', contractId, {
    type: 'cairn.catalog.v1.ContractPublished', data: { contractId, datasetName: 'flights', version: '1.0.0', documentDigest: digestOf('odcs'), rules },
  });
  await record('dataset-version', datasetVersionId,
    { type: 'cairn.catalog.v1.DatasetVersionRegistered', data: { versionId: datasetVersionId, datasetName: 'flights', version: 2, digest: DATA_DIGEST, rowCount: 100n } },
    { type: 'cairn.catalog.v1.ContractChecked', data: { versionId: datasetVersionId, contractId, contractVersion: '1.0.0', rowsChecked: 100n, rowsViolating: 0n } },
    { type: 'cairn.catalog.v1.DatasetVersionCertified', data: { versionId: datasetVersionId, level: 'golden', contractId, contractVersion: '1.0.0' } });
  await record('training-set', trainingSetId,
    {
      type: 'cairn.features.v1.TrainingSetRequested',
      data: {
        trainingSetId, name: 'flights-q1', featureServiceName: 'delay', featureServiceVersion: 3, datasetVersionId, datasetName: 'flights', datasetVersion: 2,
        datasetDigest: DATA_DIGEST, label: 'late', predictionTime: 'scheduled', from: '2001-01-01T00:00:00Z', to: '2001-04-01T00:00:00Z', sampleEvery: 1,
        features: [{ viewId: newId(), viewName: 'airport', viewVersion: 1, feature: 'busy', column: 'busy' }],
      },
    },
    { type: 'cairn.features.v1.LeakageCheckPassed', data: { trainingSetId, rowsChecked: 90n } },
    { type: 'cairn.features.v1.TrainingSetBuilt', data: { trainingSetId, digest: SET_DIGEST, rowCount: 90n } });
  await recordRun(registry, runId);
  await record('job', jobId,
    { type: 'cairn.scheduler.v1.JobSubmitted', data: { jobId, spec: { name: 'nightly', program: 'flight-delay', environment: { TOKEN: 'secret' } } } },
    { type: 'cairn.scheduler.v1.JobStarted', data: { jobId, attempt: 1, host: 'node-1' } });
  return { runId, trainingSetId, datasetVersionId, jobId };
}

async function recordRun(registry: RegistryClient, runId: string): Promise<void> {
  const criterion = { metric: 'auc', comparison: '>=', threshold: 0.68 };
  const tags = [{ key: 'mlflow.source.git.commit', value: COMMIT }, { key: 'mlflow.source.git.repoURL', value: 'https://example.org/delays.git' }];
  const params = [
    { key: 'depth', value: '4', origin: 'set' }, { key: 'gamma', value: '0.1', origin: 'default', library: 'scikit-learn', libraryVersion: '1.7.0' },
  ];
  await registry.record(streamName('run', dashed(runId)),
    { type: 'cairn.tracking.v1.RunStarted', data: { runId, experimentId: '1', name: 'nightly', startTimeMs: 986_083_200_000n, tags, criteriaVersion: 1, criteria: [criterion] } },
    { type: 'cairn.tracking.v1.ParamsLogged', data: { runId, params } },
    { type: 'cairn.tracking.v1.MetricsLogged', data: { runId, keys: ['auc', 'auc', 'loss'], values: [0.6, 0.7, Number.NaN], steps: [0n, 1n, 0n], timestampsMs: [1n, 2n, 1n] } },
    { type: 'cairn.tracking.v1.ArtifactLogged', data: { runId, path: 'model/requirements.txt', digest: LOCK_DIGEST, sizeBytes: 12n } },
    { type: 'cairn.tracking.v1.ArtifactLogged', data: { runId, path: 'plot.png', digest: digestOf('plot'), sizeBytes: 4n } },
    { type: 'cairn.tracking.v1.RunFinished', data: { runId, status: 'FINISHED', endTimeMs: 986_086_800_000n } },
    { type: 'cairn.tracking.v1.CriteriaJudged', data: { runId, criteriaVersion: 1, verdict: 'pass', results: [{ criterion, verdict: 'pass', observed: 0.7, required: 0.68 }] } });
}

/** The scheduler hears that the job made the run. */
export async function recordJobSuccess(registry: RegistryClient, { jobId, runId }: RecordedOrigin): Promise<void> {
  await registry.record(streamName('job', jobId), { type: 'cairn.scheduler.v1.JobSucceeded', data: { jobId, attempt: 1, outputs: { run_id: runId } } });
}
