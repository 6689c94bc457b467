import { decodeEvent } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FeatureServiceEvent } from '../../domain/state.js';
import { FeatureServiceRow } from './feature-service.entity.js';

export type FeatureService = FeatureServiceEvent['data'];

@Injectable()
export class ServiceListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** The newest version, or the one that is asked for. */
  async find(workspace: string, name: string, version?: number): Promise<FeatureService | undefined> {
    const row = await this.dataSource.manager.findOne(FeatureServiceRow, {
      where: { workspace, name, ...(version !== undefined && { version }) },
      order: { version: 'DESC' },
    });
    if (row === null) return undefined;
    return decodeEvent<FeatureServiceEvent>('cairn.features.v1.FeatureServiceDefined', JSON.parse(row.definition) as JsonObject).data;
  }
}
