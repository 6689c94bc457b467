import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { SpanLogEvent } from '../../domain/state.js';
import { SpanSegmentRow } from './segment.entity.js';

/** Which files hold the spans of an experiment. */
export class SegmentListProjection implements Projection<SpanLogEvent> {
  readonly name = 'span-segment-list';
  readonly entities = [SpanSegmentRow];
  readonly types = ['cairn.tracking.v1.SpanSegmentSealed'] as const;

  async apply(events: readonly Recorded<SpanLogEvent>[], manager: EntityManager): Promise<void> {
    const rows = events.map(({ event: { data }, position, time, workspace }): SpanSegmentRow => ({
      segmentId: data.segmentId,
      workspace,
      experimentId: data.experimentId,
      position: String(position),
      digest: data.digest,
      sizeBytes: String(data.sizeBytes),
      spanCount: String(data.spanCount),
      chunkCount: String(data.chunkCount),
      traceCount: String(data.traceCount),
      firstTime: data.firstTime,
      lastTime: data.lastTime,
      sealedAt: time,
    }));
    await manager.upsert(SpanSegmentRow, rows, ['segmentId']);
  }
}
