import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Every version of every view: a training set names the version that it was built with. */
@Entity('feature_view')
export class FeatureViewRow {
  @PrimaryColumn('uuid', { name: 'view_id' })
  viewId: string;

  @PrimaryColumn('int')
  version: number;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  /** proto3 JSON of FeatureViewDefined. */
  @Column('text')
  definition: string;
}
