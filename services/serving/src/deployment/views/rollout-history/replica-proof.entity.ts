import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The latest report of a replica about a rollout's version. */
@Entity('replica_proof')
export class ReplicaProofRow {
  @PrimaryColumn('uuid', { name: 'rollout_id' })
  rolloutId: string;

  @PrimaryColumn('uuid', { name: 'replica_id' })
  replicaId: string;

  @Column('text')
  digest: string;

  @Column('boolean')
  proved: boolean;

  /** Null when it failed before it could answer. */
  @Column('double precision', { name: 'golden_max_difference', nullable: true })
  goldenMaxDifference: number | null;

  /** Empty when it proved. */
  @Column('text')
  reason: string;

  @Column('text', { name: 'reported_at' })
  reportedAt: string;
}
