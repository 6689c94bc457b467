import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, MoreThanOrEqual } from 'typeorm';
import { TrainingSetEvidenceRow } from '../../../model-version/views/evidence/evidence.entity.js';
import { VersionRow } from '../../../model-version/views/version-list/version.entity.js';
import type { EndedRollout, Incident } from '../../domain/figures.js';
import { DataArrivalRow, IncidentRow, RolloutRow } from './rollout-history.entity.js';

interface RawRollout {
  readonly deployment: string;
  readonly version: number;
  readonly outcome: 'completed' | 'aborted';
  readonly ended_at: string;
  readonly data_at: string | null;
}

export interface Asked {
  readonly workspace: string;
  /** RFC 3339 UTC with microseconds. */
  readonly from: string;
  /** Of this model alone. */
  readonly modelId?: string;
}

@Injectable()
export class RolloutHistoryQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** That ended at `from` or later, in order; at most `limit`. */
  async ended({ workspace, from, modelId }: Asked, limit: number): Promise<EndedRollout[]> {
    const query = this.dataSource.manager
      .createQueryBuilder(RolloutRow, 'rollout')
      .leftJoin(VersionRow, 'version', 'version.version_id::text = rollout.version_id')
      .leftJoin(TrainingSetEvidenceRow, 'training', 'training.training_set_id = version.training_set_id')
      .leftJoin(DataArrivalRow, 'arrival', 'arrival.version_id = training.dataset_version_id')
      .select('rollout.deployment_name', 'deployment')
      .addSelect('rollout.version', 'version')
      .addSelect('rollout.outcome', 'outcome')
      .addSelect('rollout.ended_at', 'ended_at')
      .addSelect('arrival.registered_at', 'data_at')
      .where('rollout.workspace = :workspace AND rollout.ended_at >= :from', { workspace, from })
      .orderBy('rollout.position', 'ASC')
      .limit(limit);
    if (modelId !== undefined) query.andWhere('version.model_id = :modelId', { modelId });
    const rows = await query.getRawMany<RawRollout>();
    return rows.map(({ ended_at: endedAt, data_at: dataAt, ...rollout }) => ({ ...rollout, endedAt, ...(dataAt !== null && { dataAt }) }));
  }

  /** That opened at `from` or later; of one model: those of deployments that ever ran a version of it. */
  async opened({ workspace, from, modelId }: Asked, limit: number): Promise<Incident[]> {
    const query = this.dataSource.manager.createQueryBuilder(IncidentRow, 'incident').where({ workspace, openedAt: MoreThanOrEqual(from) });
    if (modelId !== undefined) query.andWhere({ deploymentName: In(await this.deploymentsOf(modelId)) });
    const rows = await query.orderBy('incident.opened_at', 'ASC').take(limit).getMany();
    return rows.map(({ deploymentName, openedAt, resolvedAt }) => ({ deployment: deploymentName, openedAt, ...(resolvedAt !== '' && { resolvedAt }) }));
  }

  /** Rollouts of one version, newest first. */
  ofVersion(versionId: string, limit: number): Promise<RolloutRow[]> {
    return this.dataSource.manager.find(RolloutRow, { where: { versionId }, order: { position: 'DESC' }, take: limit });
  }

  /** The last completed rollout of each deployment that ever completed one of the version: whether it still is the version's. */
  async answering(versionId: string, limit: number): Promise<RolloutRow[]> {
    const table = this.dataSource.getMetadata(RolloutRow).tablePath;
    const rows = await this.dataSource.manager
      .createQueryBuilder(RolloutRow, 'rollout')
      .distinctOn(['rollout.deployment_id'])
      .where(`rollout.outcome = 'completed'`)
      .andWhere(`rollout.deployment_id IN (SELECT own.deployment_id FROM ${table} own WHERE own.version_id = :versionId)`, { versionId })
      .orderBy('rollout.deployment_id')
      .addOrderBy('rollout.position', 'DESC')
      .limit(limit)
      .getMany();
    return rows.filter((row) => row.versionId === versionId);
  }

  /** Newest first. */
  incidentsOf(workspace: string, deployments: readonly string[], limit: number): Promise<IncidentRow[]> {
    return this.dataSource.manager.find(IncidentRow, { where: { workspace, deploymentName: In([...deployments]) }, order: { openedAt: 'DESC' }, take: limit });
  }

  private async deploymentsOf(modelId: string): Promise<string[]> {
    const rows = await this.dataSource.manager
      .createQueryBuilder(RolloutRow, 'rollout')
      .innerJoin(VersionRow, 'version', 'version.version_id::text = rollout.version_id')
      .select('DISTINCT rollout.deployment_name', 'name')
      .where('version.model_id = :modelId', { modelId })
      .getRawMany<{ readonly name: string }>();
    return rows.map(({ name }) => name);
  }
}
