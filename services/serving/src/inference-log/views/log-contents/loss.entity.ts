import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('prediction_loss')
@Index('prediction_loss_by_position', ['deploymentId', 'position'])
export class LossRow {
  @PrimaryColumn('uuid', { name: 'loss_id' })
  lossId: string;

  @Column('uuid', { name: 'deployment_id' })
  deploymentId: string;

  @Column('bigint')
  position: string;

  @Column('text', { name: 'segment_id' })
  segmentId: string;

  @Column('bigint', { name: 'row_count' })
  rowCount: string;

  @Column('boolean', { name: 'is_exact' })
  isExact: boolean;

  @Column('text')
  reason: string;

  /** RFC 3339 UTC; empty where nobody knows. */
  @Column('text', { name: 'first_time' })
  firstTime: string;

  @Column('text', { name: 'last_time' })
  lastTime: string;

  @Column('text', { name: 'recorded_at' })
  recordedAt: string;
}
