import { Inject, Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { DatasetRow } from './dataset.entity.js';

@Injectable()
export class DatasetListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, name: string): Promise<DatasetRow | null> {
    return this.dataSource.manager.findOneBy(DatasetRow, { workspace, name });
  }

  /** By name, after `after`; one row more than `limit`, so that the caller sees whether there is another page. */
  async list(workspace: string, limit: number, after = ''): Promise<readonly DatasetRow[]> {
    return this.dataSource.manager.find(DatasetRow, { where: { workspace, name: MoreThan(after) }, order: { name: 'ASC' }, take: limit + 1 });
  }
}
