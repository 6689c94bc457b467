import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * The points of one metric that came in one event, as columns: by time, then step, then value. A row for each point would cost ten times as much to write. A point that came twice
 * may be in two chunks; it is shown once.
 */
@Entity('metric_chunk')
export class MetricChunkRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  @PrimaryColumn('text')
  key: string;

  @PrimaryColumn('bigint', { name: 'first_ms' })
  firstMs: string;

  /** Of the first point. */
  @PrimaryColumn('bigint', { name: 'first_step' })
  firstStep: string;

  /** Of the event. */
  @PrimaryColumn('bigint')
  position: string;

  @Column('int')
  points: number;

  @Column('bigint', { name: 'last_ms' })
  lastMs: string;

  @Column('bigint', { name: 'last_step' })
  lastStep: string;

  @Column('bigint', { name: 'least_step' })
  leastStep: string;

  @Column('bigint', { name: 'greatest_step' })
  greatestStep: string;

  @Column('bigint', { name: 'timestamps_ms', array: true })
  timestampsMs: string[];

  @Column('bigint', { array: true })
  steps: string[];

  @Column('double precision', { array: true })
  values: number[];
}

/** The last point of each metric, by step, then time, then value. */
@Entity('latest_metric')
export class LatestMetricRow {
  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  @PrimaryColumn('text')
  key: string;

  /** Of the run. */
  @Column('uuid', { name: 'experiment_id' })
  experimentId: string;

  @Column('bigint', { name: 'timestamp_ms' })
  timestampMs: string;

  @Column('bigint')
  step: string;

  @Column('double precision')
  value: number;
}
