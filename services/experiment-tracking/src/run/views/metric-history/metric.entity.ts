import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Every point that was ever logged; the same point twice is one row. */
@Entity('metric')
export class MetricRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  @PrimaryColumn('text')
  key: string;

  @PrimaryColumn('bigint', { name: 'timestamp_ms' })
  timestampMs: string;

  @PrimaryColumn('bigint')
  step: string;

  @PrimaryColumn('double precision')
  value: number;
}

/** The last point of each metric, by step, then time, then value. */
@Entity('latest_metric')
export class LatestMetricRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  @PrimaryColumn('text')
  key: string;

  @Column('bigint', { name: 'timestamp_ms' })
  timestampMs: string;

  @Column('bigint')
  step: string;

  @Column('double precision')
  value: number;
}
