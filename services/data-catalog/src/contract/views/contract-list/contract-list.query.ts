import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ContractRow } from './contract.entity.js';

@Injectable()
export class ContractListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** The one that was published last. */
  async latestOf(workspace: string, datasetName: string): Promise<ContractRow | null> {
    return this.dataSource.manager.findOne(ContractRow, { where: { workspace, datasetName }, order: { position: 'DESC' } });
  }

  async find(workspace: string, contractId: string, version: string): Promise<ContractRow | null> {
    return this.dataSource.manager.findOneBy(ContractRow, { workspace, contractId, version });
  }
}
