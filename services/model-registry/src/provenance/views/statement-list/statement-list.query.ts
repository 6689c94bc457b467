import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { StatementRow } from './statement.entity.js';

@Injectable()
export class StatementListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(versionId: string, number: number): Promise<StatementRow | null> {
    return this.dataSource.manager.findOneBy(StatementRow, { versionId, number });
  }

  last(versionId: string): Promise<StatementRow | null> {
    return this.dataSource.manager.findOne(StatementRow, { where: { versionId }, order: { number: 'DESC' } });
  }

  /** Newest first. */
  list(versionId: string, limit: number): Promise<StatementRow[]> {
    return this.dataSource.manager.find(StatementRow, { where: { versionId }, order: { number: 'DESC' }, take: limit });
  }
}
