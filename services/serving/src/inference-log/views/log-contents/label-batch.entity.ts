import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('label_batch')
@Index('label_batch_by_position', ['deploymentId', 'position'])
export class LabelBatchRow {
  @PrimaryColumn('uuid', { name: 'batch_id' })
  batchId: string;

  @Column('uuid', { name: 'deployment_id' })
  deploymentId: string;

  @Column('bigint')
  position: string;

  @Column('text')
  digest: string;

  @Column('bigint', { name: 'row_count' })
  rowCount: string;

  /** Of its prediction ids; empty where the event does not say. */
  @Column('text', { name: 'first_inference_id' })
  firstInferenceId: string;

  @Column('text', { name: 'last_inference_id' })
  lastInferenceId: string;

  @Column('text', { name: 'recorded_at' })
  recordedAt: string;
}
