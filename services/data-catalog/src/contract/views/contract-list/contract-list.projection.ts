import type { Projection, Recorded } from '@cairn/read-model';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ContractEvent } from '../../domain/state.js';
import { ContractRow } from './contract.entity.js';

@Injectable()
export class ContractListProjection implements Projection<ContractEvent> {
  readonly name = 'contract-list';
  readonly entities = [ContractRow];
  readonly types: readonly ContractEvent['type'][] = ['cairn.catalog.v1.ContractPublished'];

  async apply(events: readonly Recorded<ContractEvent>[], manager: EntityManager): Promise<void> {
    await manager.upsert(ContractRow, events.map(toRow), ['contractId', 'version']);
  }
}

function toRow({ event, workspace, position }: Recorded<ContractEvent>): ContractRow {
  const { contractId, version, datasetName, documentDigest, rules } = event.data;
  return { contractId, version, workspace, datasetName, documentDigest, rules: JSON.stringify(rules), position: String(position) };
}
