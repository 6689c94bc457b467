import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The latest evaluation of each window. */
@Entity('window_evaluation')
export class WindowRow {
  @PrimaryColumn('uuid', { name: 'monitor_id' })
  monitorId: string;

  @PrimaryColumn('text', { name: 'window_start' })
  windowStart: string;

  @Column('text', { name: 'window_end' })
  windowEnd: string;

  @Column('bigint')
  position: string;

  @Column('text')
  verdict: string;

  @Column('bigint')
  predictions: string;

  @Column('bigint')
  labelled: string;

  /** proto3 JSON of the whole evaluation. */
  @Column('text')
  evaluation: string;
}
