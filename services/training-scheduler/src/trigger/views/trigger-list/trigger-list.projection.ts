import { encodeEvent } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { TriggerEvent } from '../../domain/state.js';
import { TriggerRow } from './trigger.entity.js';

@Injectable()
export class TriggerListProjection implements Projection<TriggerEvent> {
  readonly name = 'trigger-list';
  readonly entities = [TriggerRow];
  readonly types: readonly TriggerEvent['type'][] = ['cairn.scheduler.v1.TriggerDeclared', 'cairn.scheduler.v1.TriggerFired'];

  async apply(events: readonly Recorded<TriggerEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace, position } of events) {
      switch (event.type) {
        case 'cairn.scheduler.v1.TriggerDeclared': {
          const { triggerId, name, monitorName } = event.data;
          const spec = JSON.stringify(encodeEvent(event).spec ?? {});
          await manager.upsert(TriggerRow, { triggerId, workspace, name, monitorName, spec, declaredPosition: String(position), fired: 0 }, ['triggerId']);
          break;
        }
        case 'cairn.scheduler.v1.TriggerFired':
          await manager.increment(TriggerRow, { triggerId: event.data.triggerId }, 'fired', 1);
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
