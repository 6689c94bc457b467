import type { EventOf, monitoring } from '@cairn/contracts';

export type IncidentEvent = EventOf<monitoring.IncidentOpened | monitoring.IncidentContinued | monitoring.IncidentResolved>;

type Evaluated = EventOf<monitoring.WindowEvaluated>['data'];

/** Category of an incident's stream. The monitor decides about its incidents; their facts lie in a stream of their own. */
export const INCIDENT = 'incident';

/** What a judged window means for its incident, or undefined when it means nothing. */
export function incidentEvent(evaluated: Evaluated, monitorName: string, deploymentName: string): IncidentEvent | undefined {
  const { incidentId, monitorId, windowStart, windowEnd, breaches } = evaluated;
  switch (evaluated.incidentChange) {
    case 'opens':
      return {
        type: 'cairn.monitoring.v1.IncidentOpened',
        data: {
          incidentId, monitorId, monitorName, deploymentName, breaches, windowStart, windowEnd,
          sentence: `Monitor ${monitorName} of deployment ${deploymentName}: ${breaches.join('; ')}.`,
        },
      };
    case 'continues':
      return { type: 'cairn.monitoring.v1.IncidentContinued', data: { incidentId, windowEnd, breaches } };
    case 'resolves':
      return {
        type: 'cairn.monitoring.v1.IncidentResolved',
        data: { incidentId, windowEnd, reason: 'enough windows in a row were within all thresholds' },
      };
    default:
      return undefined;
  }
}
