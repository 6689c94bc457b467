import { decodeEvent, type EventOf, type tracking } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, type EntityManager } from 'typeorm';
import { AliasRow } from '../../../registered-model/views/model-list/model.entity.js';
import { shownTarget, stageOfTarget } from '../../../registered-model/domain/stage.js';
import { FreezeListQuery } from '../../../freeze/views/freeze-list/freeze-list.query.js';
import type { ConsumedVersion, DatasetVersionEvidence, Evidence, RunEvidence, TrainingSetEvidence } from '../../domain/evidence.js';
import { convertStoredSignature } from '../version-list/stored-signature.js';
import { ApprovalRow, VersionRow } from '../version-list/version.entity.js';
import { DatasetVersionEvidenceRow, DeploymentEvidenceRow, JobEvidenceRow, LoggedModelEvidenceRow, RunEvidenceRow, TrainingSetEvidenceRow } from './evidence.entity.js';

/** A copy of a copy of … names its authors through so many steps. */
const MAX_COPIES = 50;
const MAX_CONSUMERS = 100;

/** Whatever the log says that bears on a version. */
@Injectable()
export class EvidenceQuery {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(FreezeListQuery) private readonly freezes: FreezeListQuery,
  ) {}

  /** For the gates of `alias`, an alias or a stage as `stage:Production`, at the moment `now`. */
  async of(version: VersionRow, alias: string, now: string): Promise<Evidence> {
    const { versionId, modelId, workspace, runId, trainingSetId } = version;
    const { manager } = this.dataSource;
    const [run, job, trainingSet, approvals, authors, consumers, freezes] = await Promise.all([
      manager.findOneBy(RunEvidenceRow, { runId }),
      runId === '' ? null : manager.findOneBy(JobEvidenceRow, { runId }),
      manager.findOneBy(TrainingSetEvidenceRow, { trainingSetId }),
      manager.find(ApprovalRow, { where: { versionId, alias }, order: { approvedAt: 'ASC' } }),
      authorsOf(version, manager),
      consumersOf(version, alias, manager),
      this.freezes.inForce(workspace, modelId, now),
    ]);
    const datasetVersion = trainingSet === null ? null : await manager.findOneBy(DatasetVersionEvidenceRow, { versionId: trainingSet.datasetVersionId });
    return {
      ...(run !== null && { run: toRun(run, job) }),
      ...(trainingSet !== null && { trainingSet: toTrainingSet(trainingSet) }),
      ...(datasetVersion !== null && { datasetVersion: toDatasetVersion(datasetVersion) }),
      approvers: approvals.map(({ approver }) => approver),
      authors: [...new Set(job === null ? authors : [...authors, job.submittedBy])],
      consumers,
      freezes: freezes.map(({ from, to, reason }) => ({ from, to, reason })),
    };
  }

  /** The logged model of an id, unless it was deleted. */
  loggedModel(workspace: string, loggedModelId: string): Promise<LoggedModelEvidenceRow | null> {
    return this.dataSource.manager.findOneBy(LoggedModelEvidenceRow, { workspace, loggedModelId, isDeleted: false });
  }
}

async function authorsOf(version: VersionRow, manager: EntityManager): Promise<string[]> {
  const authors = [version.author];
  for (let { copiedFromVersionId } = version; copiedFromVersionId !== '' && authors.length <= MAX_COPIES; ) {
    const original = await manager.findOneBy(VersionRow, { versionId: copiedFromVersionId });
    if (original === null) break;
    authors.push(original.author);
    copiedFromVersionId = original.copiedFromVersionId;
  }
  return authors;
}

async function consumersOf({ modelId, versionId }: VersionRow, alias: string, manager: EntityManager): Promise<ConsumedVersion[]> {
  const deployments = await manager
    .createQueryBuilder(DeploymentEvidenceRow, 'deployment')
    .innerJoin(VersionRow, 'version', 'version.version_id::text = deployment.version_id')
    .where('version.model_id = :modelId', { modelId })
    .orderBy('deployment.name', 'ASC')
    .limit(MAX_CONSUMERS)
    .getMany();
  const stage = stageOfTarget(alias);
  const carriers =
    stage === undefined
      ? (await manager.findBy(AliasRow, { modelId, alias })).map((row) => row.versionId)
      : (await manager.find(VersionRow, { where: { modelId, stage, deletedAt: '' }, take: MAX_CONSUMERS })).map((row) => row.versionId);
  const uses = [
    ...deployments.map((deployment) => ({ versionId: deployment.versionId, usedBy: `deployment ${deployment.name}` })),
    ...carriers.map((carrier) => ({ versionId: carrier, usedBy: shownTarget(alias) })),
  ];
  const rows = await manager.findBy(VersionRow, { versionId: In([...new Set(uses.map((use) => use.versionId))].filter((id) => id !== versionId)) });
  return uses.flatMap((use) => {
    const row = rows.find((one) => one.versionId === use.versionId);
    if (row === undefined) return [];
    const signature = convertStoredSignature(row.signature);
    return [{ version: row.version, usedBy: use.usedBy, ...(signature !== undefined && { signature }) }];
  });
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
