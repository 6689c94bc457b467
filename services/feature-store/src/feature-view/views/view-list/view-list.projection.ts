import { encodeEvent } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { FeatureViewEvent } from '../../domain/state.js';
import { FeatureViewRow } from './feature-view.entity.js';

@Injectable()
export class ViewListProjection implements Projection<FeatureViewEvent> {
  readonly name = 'view-list';
  readonly entities = [FeatureViewRow];
  readonly types: readonly FeatureViewEvent['type'][] = ['cairn.features.v1.FeatureViewDefined'];

  async apply(events: readonly Recorded<FeatureViewEvent>[], manager: EntityManager): Promise<void> {
    await manager.upsert(FeatureViewRow, events.map(toRow), ['viewId', 'version']);
  }
}

function toRow({ event, workspace }: Recorded<FeatureViewEvent>): FeatureViewRow {
  const { viewId, version, name } = event.data;
  return { viewId, version, workspace, name, definition: JSON.stringify(encodeEvent(event)) };
}
