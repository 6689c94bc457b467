import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last point of a logged model's metric, for each run that measured it and each dataset that it was measured on. */
@Entity('logged_model_metric')
export class LoggedModelMetricRow {
  @PrimaryColumn('text', { name: 'model_id' })
  modelId: string;

  @PrimaryColumn('text')
  key: string;

  @PrimaryColumn('text', { name: 'run_id' })
  runId: string;

  /** Empty when no dataset was named. */
  @PrimaryColumn('text', { name: 'dataset_name' })
  datasetName: string;

  @PrimaryColumn('text', { name: 'dataset_digest' })
  datasetDigest: string;

  @Column('bigint', { name: 'timestamp_ms' })
  timestampMs: string;

  @Column('bigint')
  step: string;

  @Column('double precision')
  value: number;
}
