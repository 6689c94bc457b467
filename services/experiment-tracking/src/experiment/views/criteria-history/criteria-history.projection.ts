import { encodeEvent, type EventOf, type tracking } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { CriteriaRow } from './criteria.entity.js';

type Declared = EventOf<tracking.CriteriaDeclared>;

/** What success meant, and when it was said. */
export class CriteriaHistoryProjection implements Projection<Declared> {
  readonly name = 'criteria-history';
  readonly entities = [CriteriaRow];
  readonly types = ['cairn.tracking.v1.CriteriaDeclared'] as const;

  async apply(events: readonly Recorded<Declared>[], manager: EntityManager): Promise<void> {
    const rows = events.map(({ event, time, actor }) => ({
      experimentId: event.data.experimentId,
      version: event.data.version,
      criteria: JSON.stringify(encodeEvent(event)['criteria'] ?? []),
      afterFirstRun: event.data.afterFirstRun,
      declaredAt: time,
      declaredBy: actor.onBehalfOf ?? actor.principal,
    }));
    await manager.upsert(CriteriaRow, rows, ['experimentId', 'version']);
  }
}
