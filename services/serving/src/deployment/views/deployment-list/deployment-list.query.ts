import { Inject, Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { DeploymentRow } from './deployment.entity.js';

@Injectable()
export class DeploymentListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, name: string): Promise<DeploymentRow | null> {
    return this.dataSource.manager.findOneBy(DeploymentRow, { workspace, name });
  }

  /** By name, after the name `after`; one row more than `limit`. */
  async list(workspace: string, limit: number, after = ''): Promise<readonly DeploymentRow[]> {
    return this.dataSource.manager.find(DeploymentRow, { where: { workspace, name: MoreThan(after) }, order: { name: 'ASC' }, take: limit + 1 });
  }

  /** Of all workspaces, those whose segments expire. */
  async withRetention(): Promise<readonly DeploymentRow[]> {
    return this.dataSource.manager.find(DeploymentRow, { where: { retentionDays: MoreThan(0) }, order: { deploymentId: 'ASC' } });
  }
}
