import { Inject, Injectable } from '@nestjs/common';
import { DataSource, LessThanOrEqual, MoreThanOrEqual } from 'typeorm';
import { SegmentIndexRow } from './segment-index.entity.js';

/** Segments of several replicas overlap, but not without end. */
const MAX_CANDIDATES = 200;

@Injectable()
export class SegmentIndexQuery {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Segments that may hold the inference, newest first: ids are time-ordered, so a range of ids is a range of time. */
  async candidates(workspace: string, inferenceId: string): Promise<SegmentIndexRow[]> {
    return this.dataSource.manager.find(SegmentIndexRow, {
      where: { workspace, firstInferenceId: LessThanOrEqual(inferenceId), lastInferenceId: MoreThanOrEqual(inferenceId) },
      order: { position: 'DESC' },
      take: MAX_CANDIDATES,
    });
  }
}
