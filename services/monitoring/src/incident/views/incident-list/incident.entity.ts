import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('incident')
export class IncidentRow {
  @PrimaryColumn('uuid', { name: 'incident_id' })
  incidentId: string;

  @Column('text')
  workspace: string;

  @Column('text', { name: 'monitor_name' })
  monitorName: string;

  @Column('text', { name: 'deployment_name' })
  deploymentName: string;

  @Column('text')
  status: 'open' | 'resolved';

  @Column('text')
  sentence: string;

  @Column('text', { name: 'window_start' })
  windowStart: string;

  /** End of the latest window that belongs to it. */
  @Column('text', { name: 'window_end' })
  windowEnd: string;

  @Column('int')
  windows: number;

  @Column('bigint', { name: 'opened_position' })
  openedPosition: string;
}
