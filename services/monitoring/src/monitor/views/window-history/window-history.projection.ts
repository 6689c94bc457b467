import { encodeEvent, type EventOf, type monitoring } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { WindowRow } from './window.entity.js';

type Event = EventOf<monitoring.WindowEvaluated>;

@Injectable()
export class WindowHistoryProjection implements Projection<Event> {
  readonly name = 'window-history';
  readonly entities = [WindowRow];
  readonly types: readonly Event['type'][] = ['cairn.monitoring.v1.WindowEvaluated'];

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    for (const { event, position } of events) {
      const { monitorId, windowStart, windowEnd, verdict, predictions, labelled } = event.data;
      await manager.upsert(
        WindowRow,
        {
          monitorId, windowStart, windowEnd, verdict,
          position: String(position), predictions: String(predictions), labelled: String(labelled),
          evaluation: JSON.stringify(encodeEvent(event)),
        },
        ['monitorId', 'windowStart'],
      );
    }
  }
}
