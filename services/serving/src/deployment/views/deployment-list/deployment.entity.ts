import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { FeatureLookUp } from '../../domain/feature-look-up.js';

@Entity('deployment')
@Index('deployment_by_name', ['workspace', 'name'])
export class DeploymentRow {
  @PrimaryColumn('uuid', { name: 'deployment_id' })
  deploymentId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'model_name' })
  modelName: string;

  @Column('double precision', { name: 'fallback_value' })
  fallbackValue: number;

  @Column('int')
  replicas: number;

  /** Rows of one run, and of one request. */
  @Column('int', { name: 'max_rows' })
  maxRows: number;

  @Column('int', { name: 'delay_us' })
  delayUs: number;

  @Column('int', { name: 'preferred_rows', array: true })
  preferredRows: number[];

  @Column('int', { name: 'max_queued' })
  maxQueued: number;

  /** Share of requests whose rows are kept. */
  @Column('double precision', { name: 'sample_rate' })
  sampleRate: number;

  @Column('text', { name: 'redacted_columns', array: true })
  redactedColumns: string[];

  /** 0: for ever. */
  @Column('int', { name: 'retention_days' })
  retentionDays: number;

  /** Null: features come with the request. */
  @Column('jsonb', { name: 'feature_look_up', nullable: true })
  featureLookUp: FeatureLookUp | null;

  /** Null until the first rollout completes; the version's number with it. */
  @Column('text', { name: 'live_version_id', nullable: true })
  liveVersionId: string | null;

  @Column('int', { name: 'live_version', nullable: true })
  liveVersion: number | null;

  /** Null when no rollout is in progress. */
  @Column('text', { name: 'rollout_id', nullable: true })
  rolloutId: string | null;

  /** Of the version that stands by, its number and its fallback's id with it; null: the constant is the fallback. */
  @Column('text', { name: 'fallback_version_id', nullable: true })
  fallbackVersionId: string | null;

  @Column('int', { name: 'fallback_version', nullable: true })
  fallbackVersion: number | null;

  @Column('uuid', { name: 'fallback_id', nullable: true })
  fallbackId: string | null;

  @Column('boolean')
  killed: boolean;

  /** When the kill switch was last thrown or released, by whom and why; null: it never was. */
  @Column('text', { name: 'switched_at', nullable: true })
  switchedAt: string | null;

  @Column('text', { name: 'switched_by', nullable: true })
  switchedBy: string | null;

  @Column('text', { name: 'switch_reason', nullable: true })
  switchReason: string | null;

  @Column('text', { name: 'created_at' })
  createdAt: string;
}
