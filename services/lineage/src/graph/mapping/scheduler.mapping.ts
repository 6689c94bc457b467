import type { EventOf, scheduler } from '@cairn/contracts';
import { edge, nameAlias, node, nodeId, type EdgeFact, type GraphChange, type NodeId, type NodeKind } from './graph-change.js';

export type SchedulerEvent = EventOf<
  | scheduler.JobSubmitted
  | scheduler.JobStarted
  | scheduler.JobSucceeded
  | scheduler.JobAttemptFailed
  | scheduler.JobFailed
  | scheduler.JobCancelled
  | scheduler.TriggerDeclared
  | scheduler.TriggerFired
>;

export const schedulerTypes: Readonly<Record<SchedulerEvent['type'], true>> = {
  'cairn.scheduler.v1.JobSubmitted': true,
  'cairn.scheduler.v1.JobStarted': true,
  'cairn.scheduler.v1.JobSucceeded': true,
  'cairn.scheduler.v1.JobAttemptFailed': true,
  'cairn.scheduler.v1.JobFailed': true,
  'cairn.scheduler.v1.JobCancelled': true,
  'cairn.scheduler.v1.TriggerDeclared': true,
  'cairn.scheduler.v1.TriggerFired': true,
};

export function mapScheduler(event: SchedulerEvent, workspace: string): GraphChange {
  switch (event.type) {
    case 'cairn.scheduler.v1.JobSubmitted': {
      const { jobId, spec, triggerId, triggeredBy } = event.data;
      const job = nodeId('job', jobId);
      const attributes = { status: 'submitted', program: spec?.program, arguments: spec?.arguments, queue: spec?.queue };
      return {
        nodes: [node(job, spec?.name ?? jobId, attributes)],
        edges: [
          ...(triggerId === '' ? [] : [edge(nodeId('trigger', triggerId), 'submitted', job)]),
          ...(triggeredBy === '' ? [] : [edge(nodeId('incident', triggeredBy), 'caused', job)]),
        ],
      };
    }
    case 'cairn.scheduler.v1.JobStarted': {
      const { jobId, attempt, host } = event.data;
      return { nodes: [node(nodeId('job', jobId), jobId, { status: 'running', attempt, host })] };
    }
    case 'cairn.scheduler.v1.JobSucceeded': {
      const { jobId, attempt, durationMs, outputs } = event.data;
      const job = nodeId('job', jobId);
      return { nodes: [node(job, jobId, { status: 'succeeded', attempt, duration_ms: durationMs, outputs })], edges: outputEdges(job, outputs) };
    }
    case 'cairn.scheduler.v1.JobAttemptFailed': {
      const { jobId, attempt, exitCode, reason } = event.data;
      return { nodes: [node(nodeId('job', jobId), jobId, { status: 'attempt-failed', attempt, exit_code: exitCode, reason })] };
    }
    case 'cairn.scheduler.v1.JobFailed': {
      const { jobId, attempts, reason } = event.data;
      return { nodes: [node(nodeId('job', jobId), jobId, { status: 'failed', attempts, reason })] };
    }
    case 'cairn.scheduler.v1.JobCancelled': {
      const { jobId, reason } = event.data;
      return { nodes: [node(nodeId('job', jobId), jobId, { status: 'cancelled', reason })] };
    }
    case 'cairn.scheduler.v1.TriggerDeclared': {
      const { triggerId, name, on, monitorName, spec } = event.data;
      const trigger = nodeId('trigger', triggerId);
      return {
        nodes: [node(trigger, name, { name, on, monitor: monitorName, program: spec?.program })],
        edges: [edge({ alias: nameAlias('monitor', workspace, monitorName) }, 'watched-by', trigger)],
      };
    }
    case 'cairn.scheduler.v1.TriggerFired': {
      const { triggerId, jobId, incidentId } = event.data;
      const trigger = nodeId('trigger', triggerId);
      return {
        nodes: [node(trigger, triggerId, { last_job_id: jobId })],
        edges: [edge(trigger, 'submitted', nodeId('job', jobId)), ...(incidentId === '' ? [] : [edge(nodeId('incident', incidentId), 'caused', nodeId('job', jobId))])],
      };
    }
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

const OUTPUTS: Readonly<Record<string, { readonly kind: NodeKind; readonly relation: string }>> = {
  run_id: { kind: 'run', relation: 'ran' },
  training_set_id: { kind: 'training-set', relation: 'built' },
  model_version_id: { kind: 'model-version', relation: 'produced' },
};

function outputEdges(job: NodeId, outputs: Readonly<Record<string, string>>): EdgeFact[] {
  return Object.entries(OUTPUTS).flatMap(([name, { kind, relation }]) => {
    const id = outputs[name];
    return id === undefined || id === '' ? [] : [edge(job, relation, nodeId(kind, id))];
  });
}
