import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { AliasRow, GatePolicyRow, ModelRow } from './model.entity.js';

/** MLflow keeps prompts among the models, under this tag. */
const PROMPT = { key: 'mlflow.prompt.is_prompt', value: 'true' };

@Injectable()
export class ModelListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(workspace: string, name: string): Promise<ModelRow | null> {
    return this.dataSource.manager.findOneBy(ModelRow, { workspace, name });
  }

  /** By name, without prompts. `after` is the name that the page before ended with. */
  list(workspace: string, limit: number, after?: string): Promise<ModelRow[]> {
    const query = this.dataSource.manager.createQueryBuilder(ModelRow, 'model').where({ workspace });
    query.andWhere('NOT model.tags @> :prompt::jsonb', { prompt: JSON.stringify([PROMPT]) });
    if (after !== undefined) query.andWhere('model.name > :after', { after });
    return query.orderBy('model.name', 'ASC').take(limit).getMany();
  }

  /** Of several models at once, by alias. */
  aliases(modelIds: readonly string[]): Promise<AliasRow[]> {
    return this.dataSource.manager.find(AliasRow, { where: { modelId: In([...modelIds]) }, order: { alias: 'ASC' } });
  }

  gatePolicies(modelId: string): Promise<GatePolicyRow[]> {
    return this.dataSource.manager.find(GatePolicyRow, { where: { modelId }, order: { alias: 'ASC' } });
  }
}
