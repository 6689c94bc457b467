import { Inject, Injectable } from '@nestjs/common';
import { DataSource, In, LessThanOrEqual, MoreThan } from 'typeorm';
import { FreezeRow } from './freeze.entity.js';

/** One of those that hold at a moment is enough to stop a promotion. */
const MAX_IN_FORCE = 20;

@Injectable()
export class FreezeListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  find(workspace: string, freezeId: string): Promise<FreezeRow | null> {
    return this.dataSource.manager.findOneBy(FreezeRow, { workspace, freezeId });
  }

  /** By id, which is in the order of their declaration. `after` is the id that the page before ended with. */
  list(workspace: string, limit: number, after?: string): Promise<FreezeRow[]> {
    const where = { workspace, ...(after !== undefined && { freezeId: MoreThan(after) }) };
    return this.dataSource.manager.find(FreezeRow, { where, order: { freezeId: 'ASC' }, take: limit });
  }

  /** Of the model and of its workspace, at the moment `now`, RFC 3339 UTC. */
  inForce(workspace: string, modelId: string, now: string): Promise<FreezeRow[]> {
    const where = { workspace, modelId: In(['', modelId]), from: LessThanOrEqual(now), to: MoreThan(now), liftedBy: '' };
    return this.dataSource.manager.find(FreezeRow, { where, order: { to: 'DESC' }, take: MAX_IN_FORCE });
  }
}
