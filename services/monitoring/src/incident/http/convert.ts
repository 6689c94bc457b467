import type { IncidentRow } from '../views/incident-list/incident.entity.js';

export interface IncidentResponse {
  readonly incident_id: string;
  readonly monitor: string;
  readonly deployment: string;
  readonly status: string;
  readonly sentence: string;
  readonly window_start: string;
  readonly window_end: string;
  readonly windows: number;
  readonly opened_position: string;
}

export function convertIncident(row: IncidentRow): IncidentResponse {
  return {
    incident_id: row.incidentId,
    monitor: row.monitorName,
    deployment: row.deploymentName,
    status: row.status,
    sentence: row.sentence,
    window_start: row.windowStart,
    window_end: row.windowEnd,
    windows: row.windows,
    opened_position: row.openedPosition,
  };
}
