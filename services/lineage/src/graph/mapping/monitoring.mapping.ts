import type { EventOf, monitoring } from '@cairn/contracts';
import { edge, nameAlias, node, nodeId, type GraphChange } from './graph-change.js';

export type MonitoringEvent = EventOf<
  | monitoring.MonitorDeclared
  | monitoring.ReferenceChanged
  | monitoring.WindowEvaluated
  | monitoring.IncidentOpened
  | monitoring.IncidentContinued
  | monitoring.IncidentResolved
>;

export const monitoringTypes: Readonly<Record<MonitoringEvent['type'], true>> = {
  'cairn.monitoring.v1.MonitorDeclared': true,
  'cairn.monitoring.v1.ReferenceChanged': true,
  'cairn.monitoring.v1.WindowEvaluated': true,
  'cairn.monitoring.v1.IncidentOpened': true,
  'cairn.monitoring.v1.IncidentContinued': true,
  'cairn.monitoring.v1.IncidentResolved': true,
};

export function mapMonitoring(event: MonitoringEvent, workspace: string): GraphChange {
  switch (event.type) {
    case 'cairn.monitoring.v1.MonitorDeclared': {
      const { monitorId, name, deploymentName, referenceTrainingSetId, features } = event.data;
      const monitor = nodeId('monitor', monitorId);
      return {
        nodes: [node(monitor, name, { name, deployment: deploymentName, reference_training_set_id: referenceTrainingSetId, features })],
        edges: [
          edge({ alias: nameAlias('deployment', workspace, deploymentName) }, 'monitored-by', monitor),
          ...(referenceTrainingSetId === '' ? [] : [edge(nodeId('training-set', referenceTrainingSetId), 'reference-of', monitor)]),
        ],
        aliases: [{ alias: nameAlias('monitor', workspace, name), node: monitor }],
      };
    }
    case 'cairn.monitoring.v1.ReferenceChanged': {
      const { monitorId, referenceTrainingSetId } = event.data;
      const monitor = nodeId('monitor', monitorId);
      return {
        nodes: [node(monitor, monitorId, { reference_training_set_id: referenceTrainingSetId })],
        edges: referenceTrainingSetId === '' ? [] : [edge(nodeId('training-set', referenceTrainingSetId), 'reference-of', monitor)],
      };
    }
    case 'cairn.monitoring.v1.WindowEvaluated': {
      const { monitorId, windowStart, windowEnd, verdict, breaches, predictions, labelled, labelRate, auc, versionIds } = event.data;
      const monitor = nodeId('monitor', monitorId);
      const window = { start: windowStart, end: windowEnd, verdict, breaches, predictions, labelled, label_rate: labelRate, auc };
      return {
        nodes: [node(monitor, monitorId, { last_window: window })],
        edges: versionIds.filter((id) => id !== '').map((versionId) => edge(nodeId('model-version', versionId), 'judged-by', monitor)),
      };
    }
    case 'cairn.monitoring.v1.IncidentOpened': {
      const { incidentId, monitorId, monitorName, deploymentName, breaches, windowStart, windowEnd, sentence } = event.data;
      const incident = nodeId('incident', incidentId);
      return {
        nodes: [
          node(incident, `${monitorName} ${windowStart}`, {
            status: 'open',
            deployment: deploymentName,
            breaches,
            window_start: windowStart,
            window_end: windowEnd,
            sentence,
          }),
        ],
        edges: [edge(nodeId('monitor', monitorId), 'opened', incident)],
      };
    }
    case 'cairn.monitoring.v1.IncidentContinued': {
      const { incidentId, windowEnd, breaches } = event.data;
      return { nodes: [node(nodeId('incident', incidentId), incidentId, { window_end: windowEnd, breaches })] };
    }
    case 'cairn.monitoring.v1.IncidentResolved': {
      const { incidentId, windowEnd, reason } = event.data;
      return { nodes: [node(nodeId('incident', incidentId), incidentId, { status: 'resolved', window_end: windowEnd, reason })] };
    }
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
