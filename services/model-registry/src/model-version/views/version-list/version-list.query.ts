import { termSql } from '@cairn/mlflow';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, Not } from 'typeorm';
import { PROMPT_TAG, type RegistryFilter } from '../../../mlflow/registry-filter.js';
import { ApprovalRow, EvaluationRow, VersionRow } from './version.entity.js';

export type VersionColumn = 'model_name' | 'run_id' | 'source' | 'version' | 'creation_time_ms' | 'last_update_time_ms';

export interface VersionSearch {
  readonly filter: RegistryFilter<VersionColumn>;
  readonly order: readonly { readonly column: VersionColumn; readonly descending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

const NEWEST_FIRST: VersionSearch['order'] = [
  { column: 'last_update_time_ms', descending: true },
  { column: 'model_name', descending: false },
  { column: 'version', descending: true },
];
const PRESENT = { deletedAt: '', modelDeleted: false };
const PROMPT = JSON.stringify([{ key: PROMPT_TAG, value: 'true' }]);

@Injectable()
export class VersionListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(workspace: string, versionId: string): Promise<VersionRow | null> {
    return this.dataSource.manager.findOneBy(VersionRow, { workspace, versionId, ...PRESENT });
  }

  findByNumber(workspace: string, modelName: string, version: number): Promise<VersionRow | null> {
    return this.dataSource.manager.findOneBy(VersionRow, { workspace, modelName, version, ...PRESENT });
  }

  /** Also a deleted one. */
  findAny(workspace: string, versionId: string): Promise<VersionRow | null> {
    return this.dataSource.manager.findOneBy(VersionRow, { workspace, versionId });
  }

  /** In the order that was asked for, then last changed first, by model where several match. */
  search(workspace: string, { filter, order, limit, offset }: VersionSearch): Promise<VersionRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(VersionRow, 'version').where({ workspace, ...PRESENT });
    query.andWhere(`${filter.prompts ? '' : 'NOT '}version.tags @> :prompt::jsonb`, { prompt: PROMPT });
    filter.terms.forEach((term, index) => {
      const { sql, parameters } = termSql('version', term, index);
      query.andWhere(sql, parameters);
    });
    for (const { column, descending } of [...order, ...NEWEST_FIRST.filter(({ column }) => !order.some((asked) => asked.column === column))]) {
      query.addOrderBy(`version.${column}`, descending ? 'DESC' : 'ASC');
    }
    return query.limit(limit).offset(offset).getMany();
  }

  /** Of one model, newest first; `below` is the version number that the page before ended with. */
  listOf(modelId: string, limit: number, below?: number): Promise<VersionRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(VersionRow, 'version').where({ modelId, ...PRESENT });
    if (below !== undefined) query.andWhere('version.version < :below', { below });
    return query.orderBy('version.version', 'DESC').take(limit).getMany();
  }

  /** The newest version of each model in each of its stages. */
  latest(modelIds: readonly string[]): Promise<VersionRow[]> {
    return this.dataSource.manager
      .createQueryBuilder(VersionRow, 'version')
      .distinctOn(['version.model_id', 'version.stage'])
      .where({ modelId: In([...modelIds]), ...PRESENT })
      .orderBy('version.model_id')
      .addOrderBy('version.stage')
      .addOrderBy('version.version', 'DESC')
      .getMany();
  }

  /** Deleted by themselves, newest first; their model is there. */
  listDeleted(modelId: string, limit: number): Promise<VersionRow[]> {
    return this.dataSource.manager.find(VersionRow, { where: { modelId, deletedAt: Not('') }, order: { version: 'DESC' }, take: limit });
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
