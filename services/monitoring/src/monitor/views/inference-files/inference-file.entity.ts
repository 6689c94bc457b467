import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Parquet files of a deployment: sealed segments of predictions, and batches of labels. */
@Entity('inference_file')
@Index('inference_file_by_deployment', ['workspace', 'deploymentName', 'kind', 'position'])
export class InferenceFileRow {
  @PrimaryColumn('uuid', { name: 'file_id' })
  fileId: string;

  @Column('text')
  workspace: string;

  @Column('text', { name: 'deployment_name' })
  deploymentName: string;

  @Column('text')
  kind: 'segment' | 'labels';

  @Column('text')
  digest: string;

  @Column('bigint')
  position: string;

  @Column('bigint', { name: 'row_count' })
  rowCount: string;

  /** Event times of a segment, RFC 3339; empty for labels, which name predictions of any time. */
  @Column('text', { name: 'first_time' })
  firstTime: string;

  @Column('text', { name: 'last_time' })
  lastTime: string;
}
