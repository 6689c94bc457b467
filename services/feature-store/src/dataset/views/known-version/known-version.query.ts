import type { EventStore } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { ProjectionRunner } from '@cairn/read-model';
import { EVENT_STORE } from '@cairn/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KnownVersionRow } from './known-version.entity.js';

@Injectable()
export class KnownVersionQuery {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(ProjectionRunner) private readonly projections: ProjectionRunner,
  ) {}

  /** Waits until everything that is in the log now shows here: a caller who certified a version a moment ago may use it at once. */
  async caughtUp(): Promise<void> {
    const size = await this.store.size();
    if (size > 0n) await this.projections.waitFor(size - 1n);
  }

  async find(workspace: string, versionId: string): Promise<KnownVersionRow | null> {
    return this.dataSource.manager.findOneBy(KnownVersionRow, { workspace, versionId });
  }

  /** The newest version of a dataset, certified or not: its columns say what an expression may name. */
  async newestOf(workspace: string, datasetName: string): Promise<KnownVersionRow | null> {
    return this.dataSource.manager.findOne(KnownVersionRow, { where: { workspace, datasetName }, order: { version: 'DESC' } });
  }

  async newestCertifiedOf(workspace: string, datasetName: string): Promise<KnownVersionRow | null> {
    return this.dataSource.manager.findOne(KnownVersionRow, { where: { workspace, datasetName, certified: true }, order: { version: 'DESC' } });
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
