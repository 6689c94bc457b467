import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import { TriggerRow } from './trigger.entity.js';

@Injectable()
export class TriggerListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Triggers that were declared before a place in the log: when the log is read again, old incidents do not fire what came after them. */
  async watching(workspace: string, monitorName: string, position: bigint): Promise<readonly TriggerRow[]> {
    return this.dataSource.manager.findBy(TriggerRow, { workspace, monitorName, declaredPosition: LessThan(String(position)) });
  }

  /** All of a workspace, by name; a workspace holds at most a few. */
  async list(workspace: string): Promise<readonly TriggerRow[]> {
    return this.dataSource.manager.find(TriggerRow, { where: { workspace }, order: { name: 'ASC' }, take: 1_000 });
  }
}
