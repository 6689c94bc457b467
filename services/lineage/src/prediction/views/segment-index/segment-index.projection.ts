import type { EventOf, serving } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { SegmentIndexRow } from './segment-index.entity.js';

type SegmentSealed = EventOf<serving.InferenceSegmentSealed>;

export class SegmentIndexProjection implements Projection<SegmentSealed> {
  readonly name = 'segment-index';
  readonly types: readonly SegmentSealed['type'][] = ['cairn.serving.v1.InferenceSegmentSealed'];
  readonly entities = [SegmentIndexRow];

  async apply(events: readonly Recorded<SegmentSealed>[], manager: EntityManager): Promise<void> {
    const rows = events.map(({ event, id, position, time, workspace }) => {
      const { segmentId, deploymentName, digest, firstInferenceId, lastInferenceId } = event.data;
      return { segmentId, workspace, deploymentName, digest, firstInferenceId, lastInferenceId, position: String(position), eventId: id, time };
    });
    await manager.createQueryBuilder().insert().into(SegmentIndexRow).values(rows).orIgnore().updateEntity(false).execute();
  }
}
