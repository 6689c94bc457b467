import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MonitorRow } from './monitor.entity.js';

@Injectable()
export class MonitorListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, name: string): Promise<MonitorRow | null> {
    return this.dataSource.manager.findOneBy(MonitorRow, { workspace, name });
  }

  async ofDeployment(workspace: string, deploymentName: string): Promise<readonly MonitorRow[]> {
    return this.dataSource.manager.findBy(MonitorRow, { workspace, deploymentName });
  }

  /** By name; a workspace holds at most a few hundred. */
  async list(workspace: string): Promise<readonly MonitorRow[]> {
    return this.dataSource.manager.find(MonitorRow, { where: { workspace }, order: { name: 'ASC' }, take: 1_000 });
  }
}
