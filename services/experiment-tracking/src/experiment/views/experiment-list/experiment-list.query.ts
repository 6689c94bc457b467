import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ExperimentRow } from './experiment.entity.js';

export type ExperimentOrder = readonly { readonly column: 'name' | 'experimentId' | 'creationTimeMs' | 'lastUpdateTimeMs'; readonly descending: boolean }[];

const NEWEST_FIRST: ExperimentOrder = [{ column: 'creationTimeMs', descending: true }];

@Injectable()
export class ExperimentListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(workspace: string, experimentId: string): Promise<ExperimentRow | null> {
    return this.dataSource.manager.findOneBy(ExperimentRow, { workspace, experimentId });
  }

  findByName(workspace: string, name: string): Promise<ExperimentRow | null> {
    return this.dataSource.manager.findOneBy(ExperimentRow, { workspace, name });
  }

  /** At most `limit` rows from `offset`; what compares equal comes in the order of ids, so that pages don't overlap. */
  list(workspace: string, order: ExperimentOrder, limit: number, offset: number): Promise<ExperimentRow[]> {
    const clauses = (order.length === 0 ? NEWEST_FIRST : order).map(({ column, descending }) => [column, descending ? 'DESC' : 'ASC'] as const);
    return this.dataSource.manager.find(ExperimentRow, {
      where: { workspace },
      order: { ...Object.fromEntries(clauses), experimentId: 'ASC' },
      take: limit,
      skip: offset,
    });
  }
}
