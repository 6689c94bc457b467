import { Inject, Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { SpanSegmentRow } from './segment.entity.js';

@Injectable()
export class SegmentListQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Oldest first, after the position `after`; one row more than `limit`. */
  list(workspace: string, experimentId: string, limit: number, after = '-1'): Promise<SpanSegmentRow[]> {
    return this.dataSource.manager.find(SpanSegmentRow, {
      where: { workspace, experimentId, position: MoreThan(after) }, order: { position: 'ASC' }, take: limit + 1,
    });
  }
}
