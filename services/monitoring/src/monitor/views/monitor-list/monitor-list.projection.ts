import { encodeEvent, type EventOf, type monitoring } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { MonitorRow } from './monitor.entity.js';

type Event = EventOf<monitoring.MonitorDeclared | monitoring.ReferenceChanged>;

@Injectable()
export class MonitorListProjection implements Projection<Event> {
  readonly name = 'monitor-list';
  readonly entities = [MonitorRow];
  readonly types: readonly Event['type'][] = ['cairn.monitoring.v1.MonitorDeclared', 'cairn.monitoring.v1.ReferenceChanged'];

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace, position } of events) {
      switch (event.type) {
        case 'cairn.monitoring.v1.MonitorDeclared': {
          const { monitorId, name, deploymentName, referenceTrainingSetId, referenceDigest, features, thresholds } = event.data;
          await manager.upsert(
            MonitorRow,
            {
              monitorId, workspace, name, deploymentName, referenceTrainingSetId, referenceDigest,
              referencePosition: String(position),
              features: JSON.stringify(features),
              thresholds: JSON.stringify(encodeEvent(event).thresholds ?? {}),
              windowDays: thresholds?.windowDays ?? 1,
            },
            ['monitorId'],
          );
          break;
        }
        case 'cairn.monitoring.v1.ReferenceChanged': {
          const { monitorId, referenceTrainingSetId, referenceDigest } = event.data;
          await manager.update(MonitorRow, { monitorId }, { referenceTrainingSetId, referenceDigest, referencePosition: String(position) });
          break;
        }
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
