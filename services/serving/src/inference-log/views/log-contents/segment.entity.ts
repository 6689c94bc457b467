import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('inference_segment')
@Index('inference_segment_by_position', ['deploymentId', 'position'])
export class SegmentRow {
  @PrimaryColumn('uuid', { name: 'segment_id' })
  segmentId: string;

  @Column('uuid', { name: 'deployment_id' })
  deploymentId: string;

  @Column('bigint')
  position: string;

  @Column('text')
  digest: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes: string;

  @Column('bigint', { name: 'row_count' })
  rowCount: string;

  @Column('text', { name: 'first_inference_id' })
  firstInferenceId: string;

  @Column('text', { name: 'last_inference_id' })
  lastInferenceId: string;

  /** Event times, RFC 3339 UTC. */
  @Column('text', { name: 'first_time' })
  firstTime: string;

  @Column('text', { name: 'last_time' })
  lastTime: string;

  /** JSON array. */
  @Column('text', { name: 'version_ids' })
  versionIds: string;

  @Column('text', { name: 'sealed_at' })
  sealedAt: string;
}
