import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('dataset_version')
@Index('dataset_version_by_number', ['datasetId', 'version'])
export class DatasetVersionRow {
  @PrimaryColumn('uuid', { name: 'version_id' })
  versionId: string;

  @Column('text')
  workspace: string;

  @Column('uuid', { name: 'dataset_id' })
  datasetId: string;

  @Column('text', { name: 'dataset_name' })
  datasetName: string;

  @Column('int')
  version: number;

  @Column('text')
  digest: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes: string;

  @Column('bigint', { name: 'row_count' })
  rowCount: string;

  /** JSON array of {name, type}. */
  @Column('text')
  columns: string;

  /** JSON array of {versionId, digest, operation, rowNumberColumn}. */
  @Column('text', { name: 'derived_from' })
  derivedFrom: string;

  @Column('text')
  origin: string;

  @Column('text', { name: 'profile_digest' })
  profileDigest: string;

  @Column('text')
  status: 'registered' | 'clean' | 'quarantined' | 'certified';

  /** proto3 JSON of the latest contract check, or null. */
  @Column('text', { name: 'last_check', nullable: true })
  lastCheck: string | null;

  @Column('text', { default: '' })
  certification: string;
}
