import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { ProvenanceEvent } from '../../domain/state.js';
import { StatementRow } from './statement.entity.js';

/** Which statements were signed about a version. */
export class StatementListProjection implements Projection<ProvenanceEvent> {
  readonly name = 'statement-list';
  readonly entities = [StatementRow];
  readonly types = ['cairn.registry.v1.ProvenanceSigned'] as const;

  async apply(events: readonly Recorded<ProvenanceEvent>[], manager: EntityManager): Promise<void> {
    for (const { event, time, position } of events) {
      const { versionId, number, payloadDigest, envelopeDigest, keyId, missing } = event.data;
      const row = { versionId, number, payloadDigest, envelopeDigest, keyId, missing: [...missing], signedAt: time, position: String(position) };
      await manager.upsert(StatementRow, row, ['versionId', 'number']);
    }
  }
}
