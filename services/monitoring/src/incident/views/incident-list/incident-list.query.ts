import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import { IncidentRow } from './incident.entity.js';

@Injectable()
export class IncidentListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async find(workspace: string, incidentId: string): Promise<IncidentRow | null> {
    return this.dataSource.manager.findOneBy(IncidentRow, { workspace, incidentId });
  }

  /** Newest first; one row more than `limit`, so that the caller sees whether there is another page. */
  async list(workspace: string, limit: number, below?: string): Promise<readonly IncidentRow[]> {
    return this.dataSource.manager.find(IncidentRow, {
      where: { workspace, ...(below !== undefined && { openedPosition: LessThan(below) }) },
      order: { openedPosition: 'DESC' },
      take: limit + 1,
    });
  }
}
