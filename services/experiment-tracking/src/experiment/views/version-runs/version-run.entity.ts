import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A version of a registered model, and the run that made it. */
@Entity('version_run')
export class VersionRunRow {
  @PrimaryColumn('text', { name: 'model_id' })
  modelId: string;

  @PrimaryColumn('int')
  version: number;

  @Column('text')
  workspace: string;

  /** 32 hex digits, or empty when nobody said which. */
  @Column('text', { name: 'run_id' })
  runId: string;

  @Column('text', { name: 'model_name' })
  modelName: string;

  /** By itself; its model may be deleted too. */
  @Column('boolean')
  deleted: boolean;

  @Column('boolean', { name: 'model_deleted' })
  modelDeleted: boolean;
}
