import { DomainError } from '@cairn/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThan, LessThanOrEqual, MoreThan, MoreThanOrEqual } from 'typeorm';
import { leastIdAt } from '../../domain/prediction-id.js';
import { LabelBatchRow } from './label-batch.entity.js';
import { LossRow } from './loss.entity.js';
import { SegmentRow } from './segment.entity.js';

const MAX_AROUND = 200;

const ALL_IDS = { first: '', last: 'g' };

interface Between {
  readonly from: string;
  readonly to: string;
  readonly position: bigint;
}

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

  /** Segments that may hold the inference, newest first. Those of several replicas overlap, but not without end. */
  async segmentsAround(deploymentId: string, inferenceId: string): Promise<readonly SegmentRow[]> {
    return this.dataSource.manager.find(SegmentRow, {
      where: { deploymentId, firstInferenceId: LessThanOrEqual(inferenceId), lastInferenceId: MoreThanOrEqual(inferenceId) },
      order: { position: 'DESC' },
      take: MAX_AROUND,
    });
  }

  /** Segments that may have predictions of moments in [from, to), RFC 3339, recorded up to a position; oldest first. */
  async segmentsBetween(deploymentId: string, { from, to, position }: Between, limit: number): Promise<readonly SegmentRow[]> {
    const times = { firstTime: LessThanOrEqual(asRecorded(to)), lastTime: MoreThanOrEqual(asRecorded(from)) };
    return this.dataSource.manager.find(SegmentRow, {
      where: { deploymentId, ...times, position: LessThanOrEqual(String(position)) },
      order: { position: 'ASC' },
      take: limit,
    });
  }

  /**
   * Of labels that were brought to the log: they have the batch, or that of the same labels right before. Throws DomainError LABELS_NOT_SHOWN when another process recorded
   * those just now.
   */
  async batch(deploymentId: string, batchId: string, digest: string): Promise<LabelBatchRow> {
    const { manager } = this.dataSource;
    const own = await manager.findOneBy(LabelBatchRow, { batchId });
    const same = own ?? (await manager.findOne(LabelBatchRow, { where: { deploymentId, digest }, order: { position: 'DESC' } }));
    if (same !== null) return same;
    throw new DomainError('LABELS_NOT_SHOWN', 'The labels are recorded, but not shown here yet. Send them again in a moment.', 'busy');
  }

  /** Recorded up to a position, in the order in which they were; of `range` those that may name an inference in it. */
  async batchesUpTo(deploymentId: string, position: bigint, limit: number, range = ALL_IDS): Promise<readonly LabelBatchRow[]> {
    const recorded = { deploymentId, position: LessThanOrEqual(String(position)) };
    const known = { ...recorded, firstInferenceId: LessThanOrEqual(range.last), lastInferenceId: MoreThanOrEqual(range.first) };
    return this.dataSource.manager.find(LabelBatchRow, { where: [known, { ...recorded, firstInferenceId: '' }], order: { position: 'ASC' }, take: limit });
  }

  /** Batches that may name the inference, in the order in which they were recorded. */
  async batchesNaming(deploymentId: string, inferenceId: string, limit: number): Promise<readonly LabelBatchRow[]> {
    const known = { deploymentId, firstInferenceId: LessThanOrEqual(inferenceId), lastInferenceId: MoreThanOrEqual(inferenceId) };
    return this.dataSource.manager.find(LabelBatchRow, { where: [known, { deploymentId, firstInferenceId: '' }], order: { position: 'ASC' }, take: limit });
  }
}

/** Times are compared as texts, so they are written as segments have them: with milliseconds, and what is less is cut off. */
function asRecorded(time: string): string {
  return new Date(time).toISOString();
}
