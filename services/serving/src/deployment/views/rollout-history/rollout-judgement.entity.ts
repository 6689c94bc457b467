import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a stage was judged by, one row for every attempt to advance. */
@Entity('rollout_judgement')
export class RolloutJudgementRow {
  @PrimaryColumn('uuid', { name: 'rollout_id' })
  rolloutId: string;

  @PrimaryColumn('bigint')
  position: string;

  @Column('text')
  stage: string;

  @Column('text')
  verdict: string;

  @Column('bigint')
  requests: string;

  @Column('bigint')
  rows: string;

  @Column('bigint')
  errors: string;

  @Column('double precision', { name: 'mean_prediction_new' })
  meanPredictionNew: number;

  @Column('double precision', { name: 'mean_prediction_incumbent' })
  meanPredictionIncumbent: number;

  @Column('double precision', { name: 'p99_latency_ms' })
  p99LatencyMs: number;

  @Column('text')
  evidence: string;

  @Column('text', { name: 'judged_at' })
  judgedAt: string;
}
