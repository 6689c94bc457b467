import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Which file is answered from, for a version of a view. */
@Entity('online_view')
export class OnlineViewRow {
  @PrimaryColumn('uuid', { name: 'view_id' })
  viewId: string;

  @PrimaryColumn('int')
  version: number;

  @Column('uuid', { name: 'materialisation_id' })
  materialisationId: string;

  /** RFC 3339: the values are those that were known just before. */
  @Column('text')
  until: string;

  @Column('text')
  @Index('online_view_by_digest')
  digest: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes: string;

  @Column('bigint', { name: 'row_count' })
  rowCount: string;

  @Column('bigint', { name: 'entity_count' })
  entityCount: string;

  @Column('text', { name: 'dataset_version_ids', array: true })
  datasetVersionIds: string[];

  @Column('text', { name: 'entity_columns', array: true })
  entityColumns: string[];

  /** In the order of the values of a row. */
  @Column('text', { array: true })
  features: string[];

  @Column('text', { name: 'materialised_at' })
  materialisedAt: string;
}
