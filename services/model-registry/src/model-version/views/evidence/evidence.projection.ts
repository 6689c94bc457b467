import { encodeEvent, type catalog, type EventOf, type features, type scheduler, type serving, type tracking } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import {
  DatasetVersionEvidenceRow,
  DeploymentEvidenceRow,
  JobEvidenceRow,
  LoggedModelEvidenceRow,
  RunEvidenceRow,
  TrainingSetEvidenceRow,
} from './evidence.entity.js';

type EvidenceEvent = EventOf<
  | tracking.RunStarted
  | tracking.RunResumed
  | tracking.RunFinished
  | tracking.CriteriaJudged
  | tracking.LoggedModelCreated
  | tracking.LoggedModelDeleted
  | serving.DeploymentCreated
  | serving.RolloutCompleted
  | scheduler.JobSubmitted
  | scheduler.JobSucceeded
  | features.TrainingSetRequested
  | features.LeakageFound
  | features.LeakageCheckPassed
  | features.TrainingSetBuilt
  | catalog.DatasetVersionRegistered
  | catalog.DatasetVersionQuarantined
  | catalog.DatasetVersionCertified
>;

/** What other services have recorded that a gate may rest on. Nobody is asked: the log says it, in its order. */
export class EvidenceProjection implements Projection<EvidenceEvent> {
  readonly name = 'evidence';
  readonly entities = [RunEvidenceRow, JobEvidenceRow, TrainingSetEvidenceRow, DatasetVersionEvidenceRow, LoggedModelEvidenceRow, DeploymentEvidenceRow];
  readonly types = [
    'cairn.tracking.v1.RunStarted',
    'cairn.tracking.v1.RunResumed',
    'cairn.tracking.v1.RunFinished',
    'cairn.tracking.v1.CriteriaJudged',
    'cairn.tracking.v1.LoggedModelCreated',
    'cairn.tracking.v1.LoggedModelDeleted',
    'cairn.serving.v1.DeploymentCreated',
    'cairn.serving.v1.RolloutCompleted',
    'cairn.scheduler.v1.JobSubmitted',
    'cairn.scheduler.v1.JobSucceeded',
    'cairn.features.v1.TrainingSetRequested',
    'cairn.features.v1.LeakageFound',
    'cairn.features.v1.LeakageCheckPassed',
    'cairn.features.v1.TrainingSetBuilt',
    'cairn.catalog.v1.DatasetVersionRegistered',
    'cairn.catalog.v1.DatasetVersionQuarantined',
    'cairn.catalog.v1.DatasetVersionCertified',
  ] as const;

  async apply(events: readonly Recorded<EvidenceEvent>[], manager: EntityManager): Promise<void> {
    for (const recorded of events) await applyOne(recorded, manager);
  }
}

async function applyOne({ event, actor, workspace }: Recorded<EvidenceEvent>, manager: EntityManager): Promise<void> {
  switch (event.type) {
    case 'cairn.tracking.v1.RunStarted': {
      const { runId, criteriaVersion } = event.data;
      await manager.upsert(RunEvidenceRow, { runId, criteriaVersion, outcome: '', verdict: '', results: '[]' }, ['runId']);
      return;
    }
    case 'cairn.tracking.v1.RunResumed':
      // What it was judged by no longer is its last word.
      await manager.update(RunEvidenceRow, { runId: event.data.runId }, { outcome: '', verdict: '', results: '[]' });
      return;
    case 'cairn.tracking.v1.RunFinished':
      await manager.update(RunEvidenceRow, { runId: event.data.runId }, { outcome: event.data.status });
      return;
    case 'cairn.tracking.v1.CriteriaJudged': {
      const { runId, verdict, criteriaVersion } = event.data;
      await manager.update(RunEvidenceRow, { runId }, { verdict, criteriaVersion, results: JSON.stringify(encodeEvent(event)['results'] ?? []) });
      return;
    }
    case 'cairn.tracking.v1.LoggedModelCreated': {
      const { modelId: loggedModelId, sourceRunId: runId } = event.data;
      await manager.upsert(LoggedModelEvidenceRow, { loggedModelId, workspace, runId, isDeleted: false }, ['loggedModelId']);
      return;
    }
    case 'cairn.tracking.v1.LoggedModelDeleted':
      await manager.update(LoggedModelEvidenceRow, { loggedModelId: event.data.modelId }, { isDeleted: true });
      return;
    case 'cairn.serving.v1.DeploymentCreated':
      await manager.upsert(DeploymentEvidenceRow, { deploymentId: event.data.deploymentId, name: event.data.name, versionId: '' }, ['deploymentId']);
      return;
    case 'cairn.serving.v1.RolloutCompleted':
      await manager.update(DeploymentEvidenceRow, { deploymentId: event.data.deploymentId }, { versionId: event.data.versionId });
      return;
    case 'cairn.scheduler.v1.JobSubmitted':
      await manager.upsert(JobEvidenceRow, { jobId: event.data.jobId, submittedBy: actor.onBehalfOf ?? actor.principal, runId: '' }, ['jobId']);
      return;
    case 'cairn.scheduler.v1.JobSucceeded': {
      // A program may report the run's UUID with its dashes.
      const runId = event.data.outputs['run_id']?.replaceAll('-', '') ?? '';
      await manager.update(JobEvidenceRow, { jobId: event.data.jobId }, { runId });
      return;
    }
    case 'cairn.features.v1.TrainingSetRequested': {
      const { trainingSetId, name, datasetVersionId } = event.data;
      const unknown = { built: false, rowCount: '0', leakage: 'unchecked' as const, rowsChecked: '0', findings: [] };
      await manager.upsert(TrainingSetEvidenceRow, { trainingSetId, name, datasetVersionId, ...unknown }, ['trainingSetId']);
      return;
    }
    case 'cairn.features.v1.LeakageFound': {
      const { trainingSetId, rowsChecked, findings } = event.data;
      const sentences = findings.map(({ sentence }) => sentence);
      await manager.update(TrainingSetEvidenceRow, { trainingSetId }, { leakage: 'found', rowsChecked: String(rowsChecked), findings: sentences });
      return;
    }
    case 'cairn.features.v1.LeakageCheckPassed': {
      const { trainingSetId, rowsChecked } = event.data;
      await manager.update(TrainingSetEvidenceRow, { trainingSetId }, { leakage: 'passed', rowsChecked: String(rowsChecked), findings: [] });
      return;
    }
    case 'cairn.features.v1.TrainingSetBuilt':
      await manager.update(TrainingSetEvidenceRow, { trainingSetId: event.data.trainingSetId }, { built: true, rowCount: String(event.data.rowCount) });
      return;
    case 'cairn.catalog.v1.DatasetVersionRegistered': {
      const { versionId, datasetName, version } = event.data;
      await manager.upsert(DatasetVersionEvidenceRow, { versionId, datasetName, version, certified: '', contractVersion: '', quarantined: '' }, ['versionId']);
      return;
    }
    case 'cairn.catalog.v1.DatasetVersionQuarantined':
      await manager.update(DatasetVersionEvidenceRow, { versionId: event.data.versionId }, { quarantined: event.data.reason });
      return;
    case 'cairn.catalog.v1.DatasetVersionCertified': {
      const { versionId, level, contractVersion } = event.data;
      await manager.update(DatasetVersionEvidenceRow, { versionId }, { certified: level, contractVersion });
      return;
    }
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
