import type { Projection, Recorded } from '@cairn/read-model';
import { In, type EntityManager } from 'typeorm';
import type { InferenceLogEvent } from '../../domain/state.js';
import { LabelBatchRow } from './label-batch.entity.js';
import { LossRow } from './loss.entity.js';
import { SegmentRow } from './segment.entity.js';

/** Which files hold what a deployment answered and what turned out to be true, and what is in none. */
export class LogContentsProjection implements Projection<InferenceLogEvent> {
  readonly name = 'log-contents';
  readonly entities = [SegmentRow, LabelBatchRow, LossRow];
  readonly types: readonly InferenceLogEvent['type'][] = [
    'cairn.serving.v1.InferenceSegmentSealed',
    'cairn.serving.v1.LabelsRecorded',
    'cairn.serving.v1.PredictionsLost',
    'cairn.serving.v1.SegmentsExpired',
  ];

  async apply(events: readonly Recorded<InferenceLogEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, position, time } of events) {
      switch (event.type) {
        case 'cairn.serving.v1.InferenceSegmentSealed': {
          const { segmentId, deploymentId, digest, sizeBytes, firstInferenceId, lastInferenceId, firstTime, lastTime, versionIds } = event.data;
          const row: SegmentRow = {
            segmentId, deploymentId, digest, firstInferenceId, lastInferenceId, firstTime, lastTime,
            position: String(position),
            rowCount: String(event.data.rowCount),
            sizeBytes: String(sizeBytes),
            versionIds: JSON.stringify(versionIds),
            sealedAt: time,
          };
          await manager.upsert(SegmentRow, row, ['segmentId']);
          break;
        }
        case 'cairn.serving.v1.LabelsRecorded': {
          const { batchId, deploymentId, digest, rowCount, firstInferenceId, lastInferenceId } = event.data;
          const range = { firstInferenceId, lastInferenceId };
          const row: LabelBatchRow = { batchId, deploymentId, digest, ...range, rowCount: String(rowCount), position: String(position), recordedAt: time };
          await manager.upsert(LabelBatchRow, row, ['batchId']);
          break;
        }
        case 'cairn.serving.v1.PredictionsLost': {
          const { lossId, deploymentId, segmentId, rows, isExact, reason, firstTime, lastTime } = event.data;
          const row: LossRow = { lossId, deploymentId, segmentId, isExact, reason, firstTime, lastTime, rowCount: String(rows), position: String(position), recordedAt: time };
          await manager.upsert(LossRow, row, ['lossId']);
          break;
        }
        case 'cairn.serving.v1.SegmentsExpired':
          await manager.delete(SegmentRow, { segmentId: In([...event.data.segmentIds]) });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
