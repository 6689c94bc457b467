import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('version')
export class VersionRow {
  @PrimaryColumn('uuid', { name: 'version_id' })
  versionId: string;

  @Column('text')
  workspace: string;

  @Column('uuid', { name: 'model_id' })
  modelId: string;

  @Column('text', { name: 'model_name' })
  modelName: string;

  @Column('int')
  version: number;

  @Column('text', { name: 'run_id' })
  runId: string;

  @Column('text')
  source: string;

  @Column('text')
  digest: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes: string;

  /** proto3 JSON; `{}` without a signature. */
  @Column('text')
  signature: string;

  @Column('text', { name: 'training_set_id' })
  trainingSetId: string;

  @Column('text', { name: 'golden_digest' })
  goldenDigest: string;

  @Column('text')
  description: string;

  @Column('jsonb')
  tags: { readonly key: string; readonly value: string }[];

  /** Who created it, or on whose behalf. */
  @Column('text')
  author: string;

  @Column('bigint', { name: 'creation_time_ms' })
  creationTimeMs: string;

  @Column('bigint', { name: 'last_update_time_ms' })
  lastUpdateTimeMs: string;

  @Column('text')
  stage: string;

  /** RFC 3339 UTC; empty unless it was deleted by itself. */
  @Column('text', { name: 'deleted_at' })
  deletedAt: string;

  @Column('boolean', { name: 'model_deleted' })
  modelDeleted: boolean;

  /** Empty: the bytes are where `source` says. */
  @Column('text', { name: 'storage_location' })
  storageLocation: string;

  @Column('text', { name: 'copied_from_version_id' })
  copiedFromVersionId: string;

  @Column('text', { name: 'logged_model_id' })
  loggedModelId: string;

  @Column('text', { name: 'run_link' })
  runLink: string;

  @Column('jsonb', { nullable: true })
  measurement: MeasurementJson | null;
}

export interface MeasurementJson {
  readonly p50_latency_ms: number;
  readonly p99_latency_ms: number;
  readonly requests: number;
  readonly conditions: string;
  readonly measured_by: string;
  readonly measured_at: string;
}

@Entity('approval')
export class ApprovalRow {
  @PrimaryColumn('uuid', { name: 'version_id' })
  versionId: string;

  @PrimaryColumn('text')
  alias: string;

  @PrimaryColumn('text')
  approver: string;

  @Column('text')
  comment: string;

  @Column('text', { name: 'approved_at' })
  approvedAt: string;
}

export interface GateJson {
  readonly gate: string;
  readonly verdict: string;
  readonly evidence: string;
}

@Entity('evaluation')
export class EvaluationRow {
  @PrimaryColumn('bigint')
  position: string;

  @Column('uuid', { name: 'version_id' })
  versionId: string;

  @Column('text')
  alias: string;

  @Column('text')
  verdict: string;

  @Column('jsonb')
  gates: GateJson[];

  /** `promoted`, `blocked`, or empty when only the gates were asked. */
  @Column('text')
  outcome: string;

  @Column('text', { name: 'evaluated_at' })
  evaluatedAt: string;

  @Column('text', { name: 'evaluated_by' })
  evaluatedBy: string;
}
