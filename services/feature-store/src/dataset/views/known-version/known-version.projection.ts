import type { catalog, EventOf } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { KnownVersionRow } from './known-version.entity.js';

type Event = EventOf<catalog.DatasetVersionRegistered | catalog.DatasetVersionCertified | catalog.DatasetVersionQuarantined>;

@Injectable()
export class KnownVersionProjection implements Projection<Event> {
  readonly name = 'known-version';
  readonly entities = [KnownVersionRow];
  readonly types: readonly Event['type'][] = [
    'cairn.catalog.v1.DatasetVersionRegistered',
    'cairn.catalog.v1.DatasetVersionCertified',
    'cairn.catalog.v1.DatasetVersionQuarantined',
  ];

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace } of events) {
      switch (event.type) {
        case 'cairn.catalog.v1.DatasetVersionRegistered': {
          const { versionId, datasetName, version, digest } = event.data;
          await manager.upsert(KnownVersionRow, { versionId, workspace, datasetName, version, digest, certified: false }, ['versionId']);
          break;
        }
        case 'cairn.catalog.v1.DatasetVersionCertified':
          await manager.update(KnownVersionRow, { versionId: event.data.versionId }, { certified: true });
          break;
        case 'cairn.catalog.v1.DatasetVersionQuarantined':
          await manager.update(KnownVersionRow, { versionId: event.data.versionId }, { certified: false });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
