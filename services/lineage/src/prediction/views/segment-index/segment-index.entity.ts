import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A file of predictions, and which it may hold. */
@Entity('segment_index')
export class SegmentIndexRow {
  @PrimaryColumn('text', { name: 'segment_id' })
  segmentId: string;

  @Column('text')
  workspace: string;

  @Column('text', { name: 'deployment_name' })
  deploymentName: string;

  @Column('text')
  digest: string;

  @Column('text', { name: 'first_inference_id' })
  firstInferenceId: string;

  @Column('text', { name: 'last_inference_id' })
  lastInferenceId: string;

  @Column('bigint')
  position: string;

  @Column('uuid', { name: 'event_id' })
  eventId: string;

  @Column('text')
  time: string;
}
