import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan, MoreThan } from 'typeorm';
import { leastIdAt } from '../../domain/prediction-id.js';
import { LabelBatchRow } from './label-batch.entity.js';
import { LossRow } from './loss.entity.js';
import { SegmentRow } from './segment.entity.js';

@Injectable()
export class LogContentsQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Oldest first, after the position `after`; one row more than `limit`. */
  async segments(deploymentId: string, limit: number, after = '-1'): Promise<readonly SegmentRow[]> {
    return this.dataSource.manager.find(SegmentRow, { where: { deploymentId, position: MoreThan(after) }, order: { position: 'ASC' }, take: limit + 1 });
  }

  /** Oldest first, after the position `after`; one row more than `limit`. */
  async labelBatches(deploymentId: string, limit: number, after = '-1'): Promise<readonly LabelBatchRow[]> {
    return this.dataSource.manager.find(LabelBatchRow, { where: { deploymentId, position: MoreThan(after) }, order: { position: 'ASC' }, take: limit + 1 });
  }

  /** Oldest first, after the position `after`; one row more than `limit`. */
  async losses(deploymentId: string, limit: number, after = '-1'): Promise<readonly LossRow[]> {
    return this.dataSource.manager.find(LossRow, { where: { deploymentId, position: MoreThan(after) }, order: { position: 'ASC' }, take: limit + 1 });
  }

  /** Ids of segments whose last request was answered before that moment, oldest first. */
  async segmentsBefore(deploymentId: string, timeMs: number, limit: number): Promise<readonly string[]> {
    const rows = await this.dataSource.manager.find(SegmentRow, {
      where: { deploymentId, lastInferenceId: LessThan(leastIdAt(timeMs)) },
      order: { position: 'ASC' },
      select: { segmentId: true },
      take: limit,
    });
    return rows.map(({ segmentId }) => segmentId);
  }
}
