import { Inject, Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { DatasetVersionRow } from './dataset-version.entity.js';

@Injectable()
export class VersionHistoryQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, versionId: string): Promise<DatasetVersionRow | null> {
    return this.dataSource.manager.findOneBy(DatasetVersionRow, { workspace, versionId });
  }

  /** Oldest first, after version `after`; one row more than `limit`. */
  async ofDataset(datasetId: string, limit: number, after = 0): Promise<readonly DatasetVersionRow[]> {
    return this.dataSource.manager.find(DatasetVersionRow, {
      where: { datasetId, version: MoreThan(after) },
      order: { version: 'ASC' },
      take: limit + 1,
    });
  }
}
