import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { FreezeEvent } from '../../domain/state.js';
import { FreezeRow } from './freeze.entity.js';

/** When nothing may be promoted, and why. */
export class FreezeListProjection implements Projection<FreezeEvent> {
  readonly name = 'freeze-list';
  readonly entities = [FreezeRow];
  readonly types = ['cairn.registry.v1.FreezeDeclared', 'cairn.registry.v1.FreezeLifted'] as const;

  async apply(events: readonly Recorded<FreezeEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace, actor } of events) {
      const responsible = actor.onBehalfOf ?? actor.principal;
      switch (event.type) {
        case 'cairn.registry.v1.FreezeDeclared': {
          const { freezeId, modelId, from, to, reason } = event.data;
          await manager.upsert(FreezeRow, { freezeId, workspace, modelId, from, to, reason, declaredBy: responsible, liftedBy: '', liftedBecause: '' }, ['freezeId']);
          break;
        }
        case 'cairn.registry.v1.FreezeLifted':
          await manager.update(FreezeRow, { freezeId: event.data.freezeId }, { liftedBy: responsible, liftedBecause: event.data.reason });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
