import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('logged_model')
export class LoggedModelRow {
  /** `m-` and 32 hex digits. */
  @PrimaryColumn('text', { name: 'model_id' })
  modelId: string;

  @Column('text')
  workspace: string;

  @Column('uuid', { name: 'experiment_id' })
  experimentId: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'model_type' })
  modelType: string;

  /** Empty when no run made it. */
  @Column('text', { name: 'source_run_id' })
  sourceRunId: string;

  /** `PENDING` | `READY` | `FAILED`, as filters name them. */
  @Column('text')
  status: string;

  /** Milliseconds since 1970. */
  @Column('bigint', { name: 'creation_time_ms' })
  creationTimeMs: string;

  @Column('bigint', { name: 'last_update_time_ms' })
  lastUpdateTimeMs: string;

  @Column('boolean')
  deleted: boolean;

  @Column('text', { name: 'created_by' })
  createdBy: string;
}

@Entity('logged_model_param')
export class LoggedModelParamRow {
  @PrimaryColumn('text', { name: 'model_id' })
  modelId: string;

  @PrimaryColumn('text')
  key: string;

  @Column('text')
  value: string;
}

@Entity('logged_model_tag')
export class LoggedModelTagRow {
  @PrimaryColumn('text', { name: 'model_id' })
  modelId: string;

  @PrimaryColumn('text')
  key: string;

  @Column('text')
  value: string;
}
