import { decodeEvent } from '@cairn/contracts';
import type { JsonObject } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FeatureViewEvent } from '../../domain/state.js';
import { FeatureViewRow } from './feature-view.entity.js';

export type FeatureView = FeatureViewEvent['data'];

@Injectable()
export class ViewListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** The newest version, or the one that is asked for. */
  async find(workspace: string, name: string, version?: number): Promise<FeatureView | undefined> {
    const row = await this.dataSource.manager.findOne(FeatureViewRow, {
      where: { workspace, name, ...(version !== undefined && { version }) },
      order: { version: 'DESC' },
    });
    return row === null ? undefined : definitionOf(row);
  }

  async findById(viewId: string, version: number): Promise<FeatureView | undefined> {
    const row = await this.dataSource.manager.findOneBy(FeatureViewRow, { viewId, version });
    return row === null ? undefined : definitionOf(row);
  }

  /** Newest version of each, by name, after `after`; one more than `limit`. */
  async list(workspace: string, limit: number, after = ''): Promise<readonly FeatureView[]> {
    const rows = await this.dataSource.manager
      .createQueryBuilder(FeatureViewRow, 'view')
      .distinctOn(['view.name'])
      .where('view.workspace = :workspace AND view.name > :after', { workspace, after })
      .orderBy('view.name')
      .addOrderBy('view.version', 'DESC')
      .take(limit + 1)
      .getMany();
    return rows.map(definitionOf);
  }
}

function definitionOf({ definition }: FeatureViewRow): FeatureView {
  return decodeEvent<FeatureViewEvent>('cairn.features.v1.FeatureViewDefined', JSON.parse(definition) as JsonObject).data;
}
