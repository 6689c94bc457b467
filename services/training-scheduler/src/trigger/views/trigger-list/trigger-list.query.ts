import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { TriggerRow } from './trigger.entity.js';

@Injectable()
export class TriggerListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async ofMonitor(workspace: string, monitorName: string): Promise<readonly TriggerRow[]> {
    return this.dataSource.manager.findBy(TriggerRow, { workspace, monitorName });
  }

  /** All of a workspace, by name; a workspace holds at most a few. */
  async list(workspace: string): Promise<readonly TriggerRow[]> {
    return this.dataSource.manager.find(TriggerRow, { where: { workspace }, order: { name: 'ASC' }, take: 1_000 });
  }
}
