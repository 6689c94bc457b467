import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { IncidentEvent } from '../../domain/events.js';
import { IncidentRow } from './incident.entity.js';

@Injectable()
export class IncidentListProjection implements Projection<IncidentEvent> {
  readonly name = 'incident-list';
  readonly entities = [IncidentRow];
  readonly types: readonly IncidentEvent['type'][] = [
    'cairn.monitoring.v1.IncidentOpened',
    'cairn.monitoring.v1.IncidentContinued',
    'cairn.monitoring.v1.IncidentResolved',
  ];

  async apply(events: readonly Recorded<IncidentEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace, position } of events) {
      switch (event.type) {
        case 'cairn.monitoring.v1.IncidentOpened': {
          const { incidentId, monitorName, deploymentName, sentence, windowStart, windowEnd } = event.data;
          const row = { incidentId, workspace, monitorName, deploymentName, status: 'open' as const, sentence, windowStart, windowEnd, windows: 1 };
          await manager.upsert(IncidentRow, { ...row, openedPosition: String(position) }, ['incidentId']);
          break;
        }
        case 'cairn.monitoring.v1.IncidentContinued': {
          const { incidentId, windowEnd } = event.data;
          await manager.increment(IncidentRow, { incidentId }, 'windows', 1);
          await manager.update(IncidentRow, { incidentId }, { windowEnd });
          break;
        }
        case 'cairn.monitoring.v1.IncidentResolved':
          await manager.update(IncidentRow, { incidentId: event.data.incidentId }, { status: 'resolved', windowEnd: event.data.windowEnd });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
