import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { OnlineViewEvent } from '../../domain/state.js';
import { OnlineViewRow } from './online-view.entity.js';

/** The newest file of each version of a view. The rows of the files follow from their digests and lie beside, in `OnlineFiles`. */
@Injectable()
export class OnlineViewProjection implements Projection<OnlineViewEvent> {
  readonly name = 'online-view';
  readonly entities = [OnlineViewRow];
  readonly types: readonly OnlineViewEvent['type'][] = ['cairn.features.v1.FeaturesMaterialised'];

  async apply(events: readonly Recorded<OnlineViewEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, time } of events) await manager.upsert(OnlineViewRow, toRow(event.data, time), ['viewId', 'version']);
  }
}

function toRow({ viewId, viewVersion, materialisationId, until, digest, ...data }: OnlineViewEvent['data'], time: string): OnlineViewRow {
  return {
    viewId, materialisationId, until, digest,
    version: viewVersion,
    sizeBytes: String(data.sizeBytes),
    rowCount: String(data.rowCount),
    entityCount: String(data.entityCount),
    datasetVersionIds: [...data.datasetVersionIds],
    entityColumns: [...data.entityColumns],
    features: [...data.features],
    materialisedAt: time,
  };
}
