import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('dataset')
@Index('dataset_by_name', ['workspace', 'name'])
export class DatasetRow {
  @PrimaryColumn('uuid', { name: 'dataset_id' })
  datasetId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  @Column('text')
  description: string;

  @Column('text')
  owner: string;

  /** JSON array. */
  @Column('text')
  tags: string;

  @Column('int', { name: 'last_version' })
  lastVersion: number;
}
