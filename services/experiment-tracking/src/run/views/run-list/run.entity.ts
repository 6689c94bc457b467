import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('run')
export class RunRow {
  /** 32 hex digits: the stream's UUID as MLflow's clients write it. */
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  @Column('text')
  workspace: string;

  @Column('uuid', { name: 'experiment_id' })
  experimentId: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'user_name' })
  userName: string;

  /** `RUNNING` | `FINISHED` | `FAILED` | `KILLED`. */
  @Column('text')
  status: string;

  @Column('bigint', { name: 'start_time_ms' })
  startTimeMs: string;

  @Column('bigint', { name: 'end_time_ms', nullable: true })
  endTimeMs: string | null;

  @Column('int', { name: 'criteria_version' })
  criteriaVersion: number;

  /** `pass` | `fail` | `inconclusive`, or null until judged. */
  @Column('text', { nullable: true })
  verdict: string | null;

  /** proto3 JSON of the results per criterion. */
  @Column('text', { nullable: true })
  results: string | null;

  @Column('text', { name: 'judged_at', nullable: true })
  judgedAt: string | null;

  @Column('text', { name: 'started_by' })
  startedBy: string;

  /** By itself; its experiment may be deleted too. */
  @Column('boolean')
  deleted: boolean;

  @Column('boolean', { name: 'experiment_deleted' })
  experimentDeleted: boolean;
}

/** Runs that start from now on in one of these are deleted with it. */
@Entity('deleted_experiment')
export class DeletedExperimentRow {
  @PrimaryColumn('uuid', { name: 'experiment_id' })
  experimentId: string;
}
