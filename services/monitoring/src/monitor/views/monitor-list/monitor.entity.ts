import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('monitor')
@Index('monitor_by_deployment', ['workspace', 'deploymentName'])
export class MonitorRow {
  @PrimaryColumn('uuid', { name: 'monitor_id' })
  monitorId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'deployment_name' })
  deploymentName: string;

  @Column('text', { name: 'reference_training_set_id' })
  referenceTrainingSetId: string;

  @Column('text', { name: 'reference_digest' })
  referenceDigest: string;

  /** Windows before this moment were judged against an earlier reference: predictions are compared from here on. */
  @Column('bigint', { name: 'reference_position' })
  referencePosition: string;

  /** JSON array of feature names. */
  @Column('text')
  features: string;

  /** proto3 JSON. */
  @Column('text')
  thresholds: string;

  @Column('int', { name: 'window_days' })
  windowDays: number;
}
