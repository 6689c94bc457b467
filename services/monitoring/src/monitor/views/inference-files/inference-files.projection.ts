import type { EventOf, serving } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import { InferenceFileRow } from './inference-file.entity.js';

type Event = EventOf<serving.InferenceSegmentSealed | serving.LabelsRecorded | serving.SegmentsExpired>;

@Injectable()
export class InferenceFilesProjection implements Projection<Event> {
  readonly name = 'inference-files';
  readonly entities = [InferenceFileRow];
  readonly types: readonly Event['type'][] = [
    'cairn.serving.v1.InferenceSegmentSealed',
    'cairn.serving.v1.LabelsRecorded',
    'cairn.serving.v1.SegmentsExpired',
  ];

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace, position } of events) {
      const { deploymentName } = event.data;
      const shared = { workspace, deploymentName, position: String(position) };
      switch (event.type) {
        case 'cairn.serving.v1.InferenceSegmentSealed': {
          const { segmentId, digest, rowCount, firstTime, lastTime } = event.data;
          await manager.upsert(InferenceFileRow, { ...shared, fileId: segmentId, kind: 'segment', digest, rowCount: String(rowCount), firstTime, lastTime }, ['fileId']);
          break;
        }
        case 'cairn.serving.v1.LabelsRecorded': {
          const { batchId, digest, rowCount } = event.data;
          await manager.upsert(InferenceFileRow, { ...shared, fileId: batchId, kind: 'labels', digest, rowCount: String(rowCount), firstTime: '', lastTime: '' }, ['fileId']);
          break;
        }
        case 'cairn.serving.v1.SegmentsExpired':
          await manager.delete(InferenceFileRow, { fileId: In([...event.data.segmentIds]) });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
