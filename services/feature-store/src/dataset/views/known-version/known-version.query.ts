import { DomainError } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KnownVersionRow } from './known-version.entity.js';

@Injectable()
export class KnownVersionQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, versionId: string): Promise<KnownVersionRow | null> {
    return this.dataSource.manager.findOneBy(KnownVersionRow, { workspace, versionId });
  }

  /** The newest version of a dataset, certified or not: its columns say what an expression may name. */
  async newestOf(workspace: string, datasetName: string): Promise<KnownVersionRow | null> {
    return this.dataSource.manager.findOne(KnownVersionRow, { where: { workspace, datasetName }, order: { version: 'DESC' } });
  }

  /** Throws DomainError DATASET_VERSION_NOT_FOUND or NOT_CERTIFIED. */
  async certified(workspace: string, versionId: string): Promise<KnownVersionRow> {
    const row = await this.find(workspace, versionId);
    if (row === null) throw new DomainError('DATASET_VERSION_NOT_FOUND', `No dataset version has the id ${versionId}.`, 'missing');
    if (!row.certified) {
      throw new DomainError('NOT_CERTIFIED', `Version ${row.version} of ${row.datasetName} is not certified; only certified data may be learnt from.`, 'unmet');
    }
    return row;
  }
}
