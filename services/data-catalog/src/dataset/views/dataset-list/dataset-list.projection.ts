import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { DatasetEvent } from '../../domain/state.js';
import { DatasetRow } from './dataset.entity.js';

@Injectable()
export class DatasetListProjection implements Projection<DatasetEvent> {
  readonly name = 'dataset-list';
  readonly entities = [DatasetRow];
  readonly types: readonly DatasetEvent['type'][] = ['cairn.catalog.v1.DatasetRegistered', 'cairn.catalog.v1.DatasetVersionAdded'];

  async apply(events: readonly Recorded<DatasetEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace } of events) {
      switch (event.type) {
        case 'cairn.catalog.v1.DatasetRegistered': {
          const { datasetId, name, description, owner, tags } = event.data;
          await manager.upsert(DatasetRow, { datasetId, workspace, name, description, owner, tags: JSON.stringify(tags), lastVersion: 0 }, ['datasetId']);
          break;
        }
        case 'cairn.catalog.v1.DatasetVersionAdded':
          await manager.update(DatasetRow, { datasetId: event.data.datasetId }, { lastVersion: event.data.version });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
