import { encodeEvent } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { DatasetVersionEvent } from '../../domain/state.js';
import { DatasetVersionRow } from './dataset-version.entity.js';

@Injectable()
export class VersionHistoryProjection implements Projection<DatasetVersionEvent> {
  readonly name = 'version-history';
  readonly entities = [DatasetVersionRow];
  readonly types: readonly DatasetVersionEvent['type'][] = [
    'cairn.catalog.v1.DatasetVersionRegistered',
    'cairn.catalog.v1.ContractChecked',
    'cairn.catalog.v1.DatasetVersionQuarantined',
    'cairn.catalog.v1.DatasetVersionCertified',
  ];

  async apply(events: readonly Recorded<DatasetVersionEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace } of events) {
      const { versionId } = event.data;
      switch (event.type) {
        case 'cairn.catalog.v1.DatasetVersionRegistered':
          await manager.upsert(DatasetVersionRow, registeredRow(workspace, event.data), ['versionId']);
          break;
        case 'cairn.catalog.v1.ContractChecked': {
          const status = event.data.rowsViolating === 0n ? 'clean' : 'quarantined';
          await manager.update(DatasetVersionRow, { versionId }, { status, lastCheck: JSON.stringify(encodeEvent(event)) });
          break;
        }
        case 'cairn.catalog.v1.DatasetVersionQuarantined':
          await manager.update(DatasetVersionRow, { versionId }, { status: 'quarantined' });
          break;
        case 'cairn.catalog.v1.DatasetVersionCertified':
          await manager.update(DatasetVersionRow, { versionId }, { status: 'certified', certification: event.data.level });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}

type Registered = Extract<DatasetVersionEvent, { type: 'cairn.catalog.v1.DatasetVersionRegistered' }>['data'];

function registeredRow(workspace: string, data: Registered): DatasetVersionRow {
  const { versionId, datasetId, datasetName, version, digest, origin, profileDigest } = data;
  return {
    versionId, workspace, datasetId, datasetName, version, digest, origin, profileDigest,
    sizeBytes: String(data.sizeBytes),
    rowCount: String(data.rowCount),
    columns: JSON.stringify(data.columns),
    derivedFrom: JSON.stringify(data.derivedFrom),
    status: 'registered',
    lastCheck: null,
    certification: '',
  };
}
