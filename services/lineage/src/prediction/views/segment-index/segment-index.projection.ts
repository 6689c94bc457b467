import type { EventOf, serving } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { In, type EntityManager } from 'typeorm';
import { SegmentIndexRow } from './segment-index.entity.js';

type SegmentEvent = EventOf<serving.InferenceSegmentSealed | serving.SegmentsExpired>;

export class SegmentIndexProjection implements Projection<SegmentEvent> {
  readonly name = 'segment-index';
  readonly types: readonly SegmentEvent['type'][] = ['cairn.serving.v1.InferenceSegmentSealed', 'cairn.serving.v1.SegmentsExpired'];
  readonly entities = [SegmentIndexRow];

  async apply(events: readonly Recorded<SegmentEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, id, position, time, workspace } of events) {
      switch (event.type) {
        case 'cairn.serving.v1.InferenceSegmentSealed': {
          const { segmentId, deploymentName, digest, firstInferenceId, lastInferenceId } = event.data;
          const row = { segmentId, workspace, deploymentName, digest, firstInferenceId, lastInferenceId, position: String(position), eventId: id, time };
          await manager.createQueryBuilder().insert().into(SegmentIndexRow).values(row).orIgnore().updateEntity(false).execute();
          break;
        }
        case 'cairn.serving.v1.SegmentsExpired':
          await manager.delete(SegmentIndexRow, { segmentId: In([...event.data.segmentIds]) });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
