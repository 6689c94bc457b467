import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What the catalog says of a dataset version, as far as features are built on it. */
@Entity('known_version')
export class KnownVersionRow {
  @PrimaryColumn('uuid', { name: 'version_id' })
  versionId: string;

  @Column('text')
  workspace: string;

  @Column('text', { name: 'dataset_name' })
  datasetName: string;

  @Column('int')
  version: number;

  @Column('text')
  digest: string;

  @Column('boolean')
  certified: boolean;
}
