import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('span_segment')
@Index('span_segment_by_position', ['experimentId', 'position'])
export class SpanSegmentRow {
  @PrimaryColumn('uuid', { name: 'segment_id' })
  segmentId: string;

  @Column('text')
  workspace: string;

  @Column('uuid', { name: 'experiment_id' })
  experimentId: string;

  @Column('bigint')
  position: string;

  @Column('text')
  digest: string;

  @Column('bigint', { name: 'size_bytes' })
  sizeBytes: string;

  @Column('bigint', { name: 'span_count' })
  spanCount: string;

  @Column('bigint', { name: 'chunk_count' })
  chunkCount: string;

  @Column('bigint', { name: 'trace_count' })
  traceCount: string;

  @Column('text', { name: 'first_time' })
  firstTime: string;

  @Column('text', { name: 'last_time' })
  lastTime: string;

  @Column('text', { name: 'sealed_at' })
  sealedAt: string;
}
