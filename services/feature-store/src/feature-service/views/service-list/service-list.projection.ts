import { encodeEvent } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { FeatureServiceEvent } from '../../domain/state.js';
import { FeatureServiceRow } from './feature-service.entity.js';

@Injectable()
export class ServiceListProjection implements Projection<FeatureServiceEvent> {
  readonly name = 'service-list';
  readonly entities = [FeatureServiceRow];
  readonly types: readonly FeatureServiceEvent['type'][] = ['cairn.features.v1.FeatureServiceDefined'];

  async apply(events: readonly Recorded<FeatureServiceEvent>[], manager: EntityManager): Promise<void> {
    await manager.upsert(FeatureServiceRow, events.map(toRow), ['serviceId', 'version']);
  }
}

function toRow({ event, workspace }: Recorded<FeatureServiceEvent>): FeatureServiceRow {
  const { serviceId, version, name } = event.data;
  return { serviceId, version, workspace, name, definition: JSON.stringify(encodeEvent(event)) };
}
