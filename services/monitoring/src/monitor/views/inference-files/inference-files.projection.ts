import type { EventOf, serving } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { InferenceFileRow } from './inference-file.entity.js';

type Event = EventOf<serving.InferenceSegmentSealed | serving.LabelsRecorded>;

@Injectable()
export class InferenceFilesProjection implements Projection<Event> {
  readonly name = 'inference-files';
  readonly entities = [InferenceFileRow];
  readonly types: readonly Event['type'][] = ['cairn.serving.v1.InferenceSegmentSealed', 'cairn.serving.v1.LabelsRecorded'];

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    await manager.upsert(InferenceFileRow, events.map(toRow), ['fileId']);
  }
}

function toRow({ event, workspace, position }: Recorded<Event>): InferenceFileRow {
  const { deploymentName, digest, rowCount } = event.data;
  const shared = { workspace, deploymentName, digest, position: String(position), rowCount: String(rowCount) };
  return event.type === 'cairn.serving.v1.InferenceSegmentSealed'
    ? { ...shared, fileId: event.data.segmentId, kind: 'segment', firstTime: event.data.firstTime, lastTime: event.data.lastTime }
    : { ...shared, fileId: event.data.batchId, kind: 'labels', firstTime: '', lastTime: '' };
}
