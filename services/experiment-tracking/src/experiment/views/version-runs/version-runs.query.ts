import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { VersionRunRow } from './version-run.entity.js';

@Injectable()
export class VersionRunsQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Null also when the version or its model was deleted. */
  find(workspace: string, modelName: string, version: number): Promise<VersionRunRow | null> {
    return this.dataSource.manager.findOneBy(VersionRunRow, { workspace, modelName, version, deleted: false, modelDeleted: false });
  }
}
