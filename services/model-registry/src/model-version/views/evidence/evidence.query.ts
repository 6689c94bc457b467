import { decodeEvent, type EventOf, type tracking } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { DatasetVersionEvidence, Evidence, RunEvidence, TrainingSetEvidence } from '../../domain/evidence.js';
import { ApprovalRow, type VersionRow } from '../version-list/version.entity.js';
import { DatasetVersionEvidenceRow, JobEvidenceRow, RunEvidenceRow, TrainingSetEvidenceRow } from './evidence.entity.js';

/** Whatever the log says that bears on a version. */
@Injectable()
export class EvidenceQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async of({ versionId, runId, trainingSetId, author }: VersionRow, alias: string): Promise<Evidence> {
    const { manager } = this.dataSource;
    const [run, job, trainingSet, approvals] = await Promise.all([
      manager.findOneBy(RunEvidenceRow, { runId }),
      runId === '' ? null : manager.findOneBy(JobEvidenceRow, { runId }),
      manager.findOneBy(TrainingSetEvidenceRow, { trainingSetId }),
      manager.find(ApprovalRow, { where: { versionId, alias }, order: { approvedAt: 'ASC' } }),
    ]);
    const datasetVersion = trainingSet === null ? null : await manager.findOneBy(DatasetVersionEvidenceRow, { versionId: trainingSet.datasetVersionId });
    return {
      ...(run !== null && { run: toRun(run, job) }),
      ...(trainingSet !== null && { trainingSet: toTrainingSet(trainingSet) }),
      ...(datasetVersion !== null && { datasetVersion: toDatasetVersion(datasetVersion) }),
      approvers: approvals.map(({ approver }) => approver),
      authors: [...new Set(job === null ? [author] : [author, job.submittedBy])],
    };
  }
}

function toRun({ outcome, criteriaVersion, verdict, results }: RunEvidenceRow, job: JobEvidenceRow | null): RunEvidence {
  const { data } = decodeEvent<EventOf<tracking.CriteriaJudged>>('cairn.tracking.v1.CriteriaJudged', { results: JSON.parse(results) as JsonObject[] });
  return { outcome, criteriaVersion, verdict, results: data.results, ...(job !== null && { jobId: job.jobId }) };
}

function toTrainingSet({ name, built, rowCount, leakage, rowsChecked, findings }: TrainingSetEvidenceRow): TrainingSetEvidence {
  return { name, built, rowCount: BigInt(rowCount), leakage, rowsChecked: BigInt(rowsChecked), findings };
}

function toDatasetVersion({ datasetName, version, certified, contractVersion, quarantined }: DatasetVersionEvidenceRow): DatasetVersionEvidence {
  return { datasetName, version, certified, contractVersion, quarantined };
}
