import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

@Entity('trigger')
@Index('trigger_by_monitor', ['workspace', 'monitorName'])
export class TriggerRow {
  @PrimaryColumn('uuid', { name: 'trigger_id' })
  triggerId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;

  @Column('text', { name: 'monitor_name' })
  monitorName: string;

  /** proto3 JSON of the job that it submits. */
  @Column('text')
  spec: string;

  @Column('bigint', { name: 'declared_position' })
  declaredPosition: string;

  @Column('int', { default: 0 })
  fired: number;
}
