import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('provenance_statement')
export class StatementRow {
  @PrimaryColumn('uuid', { name: 'version_id' })
  versionId: string;

  @PrimaryColumn('int')
  number: number;

  @Column('text', { name: 'payload_digest' })
  payloadDigest: string;

  @Column('text', { name: 'envelope_digest' })
  envelopeDigest: string;

  @Column('text', { name: 'key_id' })
  keyId: string;

  @Column('jsonb')
  missing: string[];

  /** RFC 3339 UTC. */
  @Column('text', { name: 'signed_at' })
  signedAt: string;

  /** Of the event, so that lineage and whoever keeps a copy of the log can find it. */
  @Column('bigint')
  position: string;
}
