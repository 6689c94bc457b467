import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A model version as the registry made it: what serving has to know to run it. */
@Entity('servable_version')
export class ServableVersionRow {
  @PrimaryColumn('text', { name: 'version_id' })
  versionId: string;

  @Column('text')
  workspace: string;

  @Column('text', { name: 'model_id' })
  modelId: string;

  /** Of today: a model can be renamed. */
  @Column('text', { name: 'model_name' })
  modelName: string;

  @Column('int')
  version: number;

  @Column('text')
  digest: string;

  @Column('text', { name: 'golden_digest' })
  goldenDigest: string;

  /** JSON of {inputs, outputs}, each {name, datatype, shape, columns}. */
  @Column('text')
  signature: string;

  /** JSON array: aliases that the gates let it have and that no other version has taken over since. */
  @Column('text', { name: 'promoted_aliases' })
  promotedAliases: string;

  /** By itself. What serves it goes on; nothing new is rolled out from it. */
  @Column('boolean')
  deleted: boolean;

  @Column('boolean', { name: 'model_deleted' })
  modelDeleted: boolean;
}
