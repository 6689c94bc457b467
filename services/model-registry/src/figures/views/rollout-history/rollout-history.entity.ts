import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('deployment_history')
export class DeploymentRow {
  @PrimaryColumn('text', { name: 'deployment_id' })
  deploymentId: string;

  @Column('text')
  workspace: string;

  @Column('text')
  name: string;
}

@Entity('rollout_history')
export class RolloutRow {
  @PrimaryColumn('text', { name: 'rollout_id' })
  rolloutId: string;

  @Column('text')
  workspace: string;

  @Column('text', { name: 'deployment_id' })
  deploymentId: string;

  @Column('text', { name: 'deployment_name' })
  deploymentName: string;

  @Column('text', { name: 'version_id' })
  versionId: string;

  @Column('int')
  version: number;

  /** RFC 3339 UTC, which sorts as it reads. */
  @Column('text', { name: 'started_at' })
  startedAt: string;

  /** Empty while it goes on. */
  @Column('text', { name: 'ended_at' })
  endedAt: string;

  /** `completed`, `aborted`, or empty while it goes on. */
  @Column('text')
  outcome: string;

  /** Why it was aborted. */
  @Column('text')
  reason: string;

  /** Of the last event about it. */
  @Column('bigint')
  position: string;
}

@Entity('incident_history')
export class IncidentRow {
  @PrimaryColumn('text', { name: 'incident_id' })
  incidentId: string;

  @Column('text')
  workspace: string;

  @Column('text', { name: 'deployment_name' })
  deploymentName: string;

  @Column('text')
  sentence: string;

  @Column('text', { name: 'opened_at' })
  openedAt: string;

  /** Empty while it is open. */
  @Column('text', { name: 'resolved_at' })
  resolvedAt: string;

  @Column('text')
  reason: string;
}

/** When a dataset version was registered. */
@Entity('data_arrival')
export class DataArrivalRow {
  @PrimaryColumn('text', { name: 'version_id' })
  versionId: string;

  @Column('text', { name: 'registered_at' })
  registeredAt: string;
}
