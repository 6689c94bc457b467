import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CriteriaRow } from './criteria.entity.js';

@Injectable()
export class CriteriaHistoryQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Newest first. `before` is a version to go on below. */
  list(experimentId: string, limit: number, before?: number): Promise<CriteriaRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(CriteriaRow, 'criteria').where({ experimentId });
    if (before !== undefined) query.andWhere('criteria.version < :before', { before });
    return query.orderBy('criteria.version', 'DESC').take(limit).getMany();
  }

  find(experimentId: string, version: number): Promise<CriteriaRow | null> {
    return this.dataSource.manager.findOneBy(CriteriaRow, { experimentId, version });
  }
}
