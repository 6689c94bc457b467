import { termSql } from '@cairn/mlflow';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { PROMPT_TAG, type RegistryFilter } from '../../../mlflow/registry-filter.js';
import { AliasRow, GatePolicyRow, ModelRow } from './model.entity.js';

export type ModelColumn = 'name' | 'creation_time_ms' | 'last_update_time_ms';

export interface ModelSearch {
  readonly filter: RegistryFilter<ModelColumn>;
  readonly order: readonly { readonly column: ModelColumn; readonly descending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

const PROMPT = { key: PROMPT_TAG, value: 'true' };

@Injectable()
export class ModelListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(workspace: string, name: string): Promise<ModelRow | null> {
    // No model is named so, and PostgreSQL has no text for it.
    if (name.includes('\0')) return Promise.resolve(null);
    return this.dataSource.manager.findOneBy(ModelRow, { workspace, name, deletedAt: '' });
  }

  /** Also a deleted one. */
  findById(workspace: string, modelId: string): Promise<ModelRow | null> {
    return this.dataSource.manager.findOneBy(ModelRow, { workspace, modelId });
  }

  /** Deleted models, by id. `after` is the id that the page before ended with. */
  listDeleted(workspace: string, limit: number, after?: string): Promise<ModelRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(ModelRow, 'model').where({ workspace }).andWhere(`model.deleted_at <> ''`);
    if (after !== undefined) query.andWhere('model.model_id > :after', { after });
    return query.orderBy('model.model_id', 'ASC').take(limit).getMany();
  }

  /** By name, without prompts. `after` is the name that the page before ended with. */
  list(workspace: string, limit: number, after?: string): Promise<ModelRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(ModelRow, 'model').where({ workspace, deletedAt: '' });
    query.andWhere('NOT model.tags @> :prompt::jsonb', { prompt: JSON.stringify([PROMPT]) });
    if (after !== undefined) query.andWhere('model.name > :after', { after });
    return query.orderBy('model.name', 'ASC').take(limit).getMany();
  }

  /** In the order that was asked for, then by name. */
  search(workspace: string, { filter, order, limit, offset }: ModelSearch): Promise<ModelRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(ModelRow, 'model').where({ workspace, deletedAt: '' });
    query.andWhere(`${filter.prompts ? '' : 'NOT '}model.tags @> :prompt::jsonb`, { prompt: JSON.stringify([PROMPT]) });
    filter.terms.forEach((term, index) => {
      const { sql, parameters } = termSql('model', term, index);
      query.andWhere(sql, parameters);
    });
    for (const { column, descending } of order) query.addOrderBy(`model.${column}`, descending ? 'DESC' : 'ASC');
    if (!order.some(({ column }) => column === 'name')) query.addOrderBy('model.name', 'ASC');
    return query.limit(limit).offset(offset).getMany();
  }

  /** Of several models at once, by alias. */
  aliases(modelIds: readonly string[]): Promise<AliasRow[]> {
    return this.dataSource.manager.find(AliasRow, { where: { modelId: In([...modelIds]) }, order: { alias: 'ASC' } });
  }

  gatePolicies(modelId: string): Promise<GatePolicyRow[]> {
    return this.dataSource.manager.find(GatePolicyRow, { where: { modelId }, order: { alias: 'ASC' } });
  }
}
