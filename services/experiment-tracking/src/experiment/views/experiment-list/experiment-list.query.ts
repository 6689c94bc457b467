import { termSql, type FilterTerm } from '@cairn/mlflow';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ViewType } from '../../../mlflow/view-type.js';
import { ExperimentRow } from './experiment.entity.js';

export type ExperimentOrder = readonly { readonly column: 'name' | 'experimentId' | 'creationTimeMs' | 'lastUpdateTimeMs'; readonly descending: boolean }[];

/** What experiments can be selected by. */
export type ExperimentTerm = FilterTerm<'name' | 'creation_time_ms' | 'last_update_time_ms', 'tag'>;

export interface ExperimentSearch {
  readonly view: ViewType;
  readonly terms: readonly ExperimentTerm[];
  readonly order: ExperimentOrder;
  readonly limit: number;
  readonly offset: number;
}

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

  /** At most `limit` rows from `offset` that meet every term; what compares equal comes in the order of ids, so that pages don't overlap. */
  search(workspace: string, { view, terms, order, limit, offset }: ExperimentSearch): Promise<ExperimentRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(ExperimentRow, 'experiment').where({ workspace, ...(view !== 'all' && { deleted: view === 'deleted' }) });
    terms.forEach((term, index) => {
      const { sql, parameters } = termSql('experiment', term, index);
      query.andWhere(sql, parameters);
    });
    for (const { column, descending } of order.length === 0 ? NEWEST_FIRST : order) query.addOrderBy(`experiment.${column}`, descending ? 'DESC' : 'ASC');
    if (!order.some(({ column }) => column === 'experimentId')) query.addOrderBy('experiment.experimentId', 'ASC');
    return query.limit(limit).offset(offset).getMany();
  }
}
