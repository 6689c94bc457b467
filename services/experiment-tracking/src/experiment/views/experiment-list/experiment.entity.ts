import { Column, Entity, PrimaryColumn } from 'typeorm';

export interface TagJson {
  readonly key: string;
  readonly value: string;
}

@Entity('experiment')
export class ExperimentRow {
  @PrimaryColumn('uuid', { name: 'experiment_id' })
  experimentId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  @Column('jsonb')
  tags: TagJson[];

  @Column('boolean')
  deleted: boolean;

  /** Milliseconds since 1970. */
  @Column('bigint', { name: 'creation_time_ms' })
  creationTimeMs: string;

  @Column('bigint', { name: 'last_update_time_ms' })
  lastUpdateTimeMs: string;
}
