import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('trace')
export class TraceRow {
  @PrimaryColumn('text')
  workspace: string;

  /** As clients write it: `tr-` and 32 hex digits, mostly. */
  @PrimaryColumn('text', { name: 'trace_id' })
  traceId: string;

  @Column('uuid', { name: 'experiment_id' })
  experimentId: string;

  @Column('bigint', { name: 'start_time_ms' })
  startTimeMs: string;

  @Column('bigint', { name: 'duration_ms', nullable: true })
  durationMs: string | null;

  /** `OK` | `ERROR` | `IN_PROGRESS` | `STATE_UNSPECIFIED`. */
  @Column('text')
  state: string;

  @Column('text', { name: 'client_request_id' })
  clientRequestId: string;

  @Column('text', { name: 'user_name' })
  userName: string;

  @Column('text', { name: 'request_preview' })
  requestPreview: string;

  @Column('text', { name: 'response_preview' })
  responsePreview: string;

  @Column('jsonb')
  metadata: Readonly<Record<string, string>>;

  @Column('jsonb')
  tags: Readonly<Record<string, string>>;

  /** Of the metadata `mlflow.trace.tokenUsage`, as far as it holds whole numbers; `{}` without. */
  @Column('jsonb', { name: 'token_usage' })
  tokenUsage: Readonly<Record<string, number>>;

  @Column('boolean', { name: 'told_by_client' })
  toldByClient: boolean;

  /** Nothing but its id is left then. */
  @Column('boolean')
  deleted: boolean;
}

@Entity('trace_assessment')
export class AssessmentRow {
  @PrimaryColumn('text')
  workspace: string;

  @PrimaryColumn('text', { name: 'trace_id' })
  traceId: string;

  @PrimaryColumn('text', { name: 'assessment_id' })
  assessmentId: string;

  @Column('text')
  name: string;

  /** `feedback` | `expectation` | `issue`. */
  @Column('text')
  kind: string;

  /** JSON object, as the client sent it under that name. */
  @Column('text')
  value: string;

  @Column('text', { name: 'source_type' })
  sourceType: string;

  @Column('text', { name: 'source_id' })
  sourceId: string;

  @Column('text', { name: 'create_time' })
  createTime: string;

  @Column('text', { name: 'last_update_time' })
  lastUpdateTime: string;

  @Column('text', { name: 'span_id' })
  spanId: string;

  @Column('text')
  rationale: string;

  @Column('jsonb')
  metadata: Readonly<Record<string, string>>;

  @Column('text')
  overrides: string;

  @Column('boolean')
  valid: boolean;
}

@Entity('trace_link')
export class TraceLinkRow {
  @PrimaryColumn('text')
  workspace: string;

  @PrimaryColumn('text', { name: 'trace_id' })
  traceId: string;

  /** `run` | `prompt`. */
  @PrimaryColumn('text')
  kind: string;

  /** Id of the run, or `<name>/<version>`. */
  @PrimaryColumn('text')
  target: string;
}

@Entity('trace_artifact')
export class TraceArtifactRow {
  @PrimaryColumn('text')
  workspace: string;

  @PrimaryColumn('text', { name: 'trace_id' })
  traceId: string;

  @PrimaryColumn('text')
  path: string;

  @Column('text')
  digest: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes: string;
}
