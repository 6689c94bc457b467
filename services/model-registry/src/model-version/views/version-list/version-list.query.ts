import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, Not } from 'typeorm';
import { ApprovalRow, EvaluationRow, VersionRow } from './version.entity.js';

export interface VersionFilter {
  readonly modelName?: string;
  readonly runId?: string;
}

@Injectable()
export class VersionListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(workspace: string, versionId: string): Promise<VersionRow | null> {
    return this.dataSource.manager.findOneBy(VersionRow, { workspace, versionId });
  }

  findByNumber(workspace: string, modelName: string, version: number): Promise<VersionRow | null> {
    return this.dataSource.manager.findOneBy(VersionRow, { workspace, modelName, version });
  }

  /** Newest first, by model where several match. */
  list(workspace: string, filter: VersionFilter, limit: number, offset: number): Promise<VersionRow[]> {
    return this.dataSource.manager.find(VersionRow, {
      where: { workspace, ...filter },
      order: { creationTimeMs: 'DESC', modelName: 'ASC', version: 'DESC' },
      take: limit,
      skip: offset,
    });
  }

  /** Of one model, newest first; `below` is the version number that the page before ended with. */
  listOf(modelId: string, limit: number, below?: number): Promise<VersionRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(VersionRow, 'version').where({ modelId });
    if (below !== undefined) query.andWhere('version.version < :below', { below });
    return query.orderBy('version.version', 'DESC').take(limit).getMany();
  }

  /** The newest version of each model. */
  latest(modelIds: readonly string[]): Promise<VersionRow[]> {
    return this.dataSource.manager
      .createQueryBuilder(VersionRow, 'version')
      .distinctOn(['version.model_id'])
      .where({ modelId: In([...modelIds]) })
      .orderBy('version.model_id')
      .addOrderBy('version.version', 'DESC')
      .getMany();
  }

  approvals(versionId: string): Promise<ApprovalRow[]> {
    return this.dataSource.manager.find(ApprovalRow, { where: { versionId }, order: { approvedAt: 'ASC' } });
  }

  /** Newest first. */
  evaluations(versionId: string, limit: number): Promise<EvaluationRow[]> {
    return this.dataSource.manager.find(EvaluationRow, { where: { versionId }, order: { position: 'DESC' }, take: limit });
  }

  lastEvaluation(versionId: string, alias: string): Promise<EvaluationRow | null> {
    return this.dataSource.manager.findOne(EvaluationRow, { where: { versionId, alias }, order: { position: 'DESC' } });
  }

  /** The last evaluation that a promotion was decided by. */
  lastDecision(versionId: string, alias: string): Promise<EvaluationRow | null> {
    return this.dataSource.manager.findOne(EvaluationRow, { where: { versionId, alias, outcome: Not('') }, order: { position: 'DESC' } });
  }
}
