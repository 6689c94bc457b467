import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PriceListRow } from './price-list.entity.js';

/** More are not looked through for a run: the oldest ones fall out. */
const MAX_LISTS = 1_000;

@Injectable()
export class PriceListsQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(workspace: string, version: number): Promise<PriceListRow | null> {
    return this.dataSource.manager.findOneBy(PriceListRow, { workspace, version });
  }

  /** Newest first. `before` is a version to go on below. */
  list(workspace: string, limit: number, before?: number): Promise<PriceListRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(PriceListRow, 'list').where({ workspace });
    if (before !== undefined) query.andWhere('list.version < :before', { before });
    return query.orderBy('list.version', 'DESC').take(limit).getMany();
  }

  /** The newest of them, the one in force at a time first among those that hold by then: by the latest start, of equal ones the later declaration. */
  all(workspace: string): Promise<PriceListRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(PriceListRow, 'list').where({ workspace });
    return query.orderBy({ 'list.valid_from_ms': 'DESC', 'list.version': 'DESC' }).limit(MAX_LISTS).getMany();
  }
}
