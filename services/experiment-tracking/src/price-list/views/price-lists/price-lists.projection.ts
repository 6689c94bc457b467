import { encodeEvent } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { PriceListEvent } from '../../domain/state.js';
import { PriceListRow } from './price-list.entity.js';

/** What things cost, and since when. */
export class PriceListsProjection implements Projection<PriceListEvent> {
  readonly name = 'price-lists';
  readonly entities = [PriceListRow];
  readonly types = ['cairn.tracking.v1.PriceListDeclared'] as const;

  async apply(events: readonly Recorded<PriceListEvent>[], manager: EntityManager): Promise<void> {
    const rows = events.map(({ event, workspace, time, actor }) => ({
      workspace,
      version: event.data.version,
      validFromMs: String(event.data.validFromMs),
      prices: JSON.stringify(encodeEvent(event)),
      declaredAt: time,
      declaredBy: actor.onBehalfOf ?? actor.principal,
    }));
    await manager.upsert(PriceListRow, rows, ['workspace', 'version']);
  }
}
