import { encodeEvent } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { TrainingSetEvent } from '../../domain/state.js';
import { TrainingSetRow } from './training-set.entity.js';

@Injectable()
export class TrainingSetListProjection implements Projection<TrainingSetEvent> {
  readonly name = 'training-set-list';
  readonly entities = [TrainingSetRow];
  readonly types: readonly TrainingSetEvent['type'][] = [
    'cairn.features.v1.TrainingSetRequested',
    'cairn.features.v1.LeakageFound',
    'cairn.features.v1.LeakageCheckPassed',
    'cairn.features.v1.TrainingSetBuilt',
    'cairn.features.v1.TrainingSetFailed',
  ];

  async apply(events: readonly Recorded<TrainingSetEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace, position } of events) {
      const { trainingSetId } = event.data;
      const json = JSON.stringify(encodeEvent(event));
      switch (event.type) {
        case 'cairn.features.v1.TrainingSetRequested': {
          const row = { trainingSetId, workspace, name: event.data.name, state: 'requested' as const, position: String(position), request: json };
          await manager.upsert(TrainingSetRow, { ...row, leakageCheck: null, built: null, reason: '' }, ['trainingSetId']);
          break;
        }
        case 'cairn.features.v1.LeakageFound':
          await manager.update(TrainingSetRow, { trainingSetId }, { state: 'leaking', leakageCheck: json });
          break;
        case 'cairn.features.v1.LeakageCheckPassed':
          await manager.update(TrainingSetRow, { trainingSetId }, { state: 'checked', leakageCheck: json });
          break;
        case 'cairn.features.v1.TrainingSetBuilt':
          await manager.update(TrainingSetRow, { trainingSetId }, { state: 'built', built: json });
          break;
        case 'cairn.features.v1.TrainingSetFailed':
          await manager.update(TrainingSetRow, { trainingSetId }, { state: 'failed', reason: event.data.reason });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
