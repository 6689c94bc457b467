import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('rollout')
@Index('rollout_by_deployment', ['deploymentId', 'position'])
export class RolloutRow {
  @PrimaryColumn('uuid', { name: 'rollout_id' })
  rolloutId: string;

  @Column('uuid', { name: 'deployment_id' })
  deploymentId: string;

  /** Of its start in the log. */
  @Column('bigint')
  position: string;

  @Column('text', { name: 'version_id' })
  versionId: string;

  @Column('int')
  version: number;

  @Column('text')
  digest: string;

  @Column('text', { name: 'golden_digest' })
  goldenDigest: string;

  /** Empty: the fallback. */
  @Column('text', { name: 'incumbent_version_id' })
  incumbentVersionId: string;

  @Column('double precision', { name: 'canary_weight' })
  canaryWeight: number;

  @Column('double precision', { name: 'golden_tolerance' })
  goldenTolerance: number;

  @Column('bigint', { name: 'minimum_requests' })
  minimumRequests: string;

  @Column('text')
  status: 'running' | 'completed' | 'aborted';

  @Column('text')
  stage: string;

  @Column('double precision')
  weight: number;

  /** Of the abort. */
  @Column('text')
  reason: string;

  @Column('text', { name: 'started_by' })
  startedBy: string;

  @Column('text', { name: 'started_at' })
  startedAt: string;

  @Column('text', { name: 'ended_at', nullable: true })
  endedAt: string | null;
}
