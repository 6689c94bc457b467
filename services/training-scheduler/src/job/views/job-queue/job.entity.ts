import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

@Entity('job')
@Index('job_by_status', ['status', 'priority', 'submittedPosition'])
export class JobRow {
  @PrimaryColumn('uuid', { name: 'job_id' })
  jobId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  @Column('text')
  queue: string;

  @Column('text')
  program: string;

  /** proto3 JSON of the whole spec. */
  @Column('text')
  spec: string;

  @Column('text')
  status: JobStatus;

  @Column('int')
  priority: number;

  @Column('bigint', { name: 'submitted_position' })
  submittedPosition: string;

  @Column('text', { name: 'submitted_at' })
  submittedAt: string;

  /** Whoever the job acts for. */
  @Column('text', { name: 'submitted_by' })
  submittedBy: string;

  /** Attempts started so far. */
  @Column('int')
  attempts: number;

  @Column('text', { default: '' })
  host: string;

  @Column('text', { name: 'trigger_id' })
  triggerId: string;

  @Column('text', { name: 'triggered_by' })
  triggeredBy: string;

  /** JSON object of what the job reported. */
  @Column('text', { default: '{}' })
  outputs: string;

  /** Why the last attempt failed, or why the job was cancelled. */
  @Column('text', { default: '' })
  reason: string;

  @Column('text', { name: 'ended_at', nullable: true })
  endedAt: string | null;
}
