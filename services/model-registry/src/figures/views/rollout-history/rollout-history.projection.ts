import type { catalog, EventOf, monitoring, serving } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { DataArrivalRow, DeploymentRow, IncidentRow, RolloutRow } from './rollout-history.entity.js';

type HistoryEvent = EventOf<
  | serving.DeploymentCreated
  | serving.RolloutStarted
  | serving.RolloutCompleted
  | serving.RolloutAborted
  | monitoring.IncidentOpened
  | monitoring.IncidentResolved
  | catalog.DatasetVersionRegistered
>;

/** Rollouts, incidents and the arrival of data, with the moments that the log gave them. */
export class RolloutHistoryProjection implements Projection<HistoryEvent> {
  readonly name = 'rollout-history';
  readonly entities = [DeploymentRow, RolloutRow, IncidentRow, DataArrivalRow];
  readonly types = [
    'cairn.serving.v1.DeploymentCreated',
    'cairn.serving.v1.RolloutStarted',
    'cairn.serving.v1.RolloutCompleted',
    'cairn.serving.v1.RolloutAborted',
    'cairn.monitoring.v1.IncidentOpened',
    'cairn.monitoring.v1.IncidentResolved',
    'cairn.catalog.v1.DatasetVersionRegistered',
  ] as const;

  async apply(events: readonly Recorded<HistoryEvent>[], manager: EntityManager): Promise<void> {
    for (const recorded of events) await applyOne(recorded, manager);
  }
}

async function applyOne({ event, time, workspace, position }: Recorded<HistoryEvent>, manager: EntityManager): Promise<void> {
  switch (event.type) {
    case 'cairn.serving.v1.DeploymentCreated':
      await manager.upsert(DeploymentRow, { deploymentId: event.data.deploymentId, workspace, name: event.data.name }, ['deploymentId']);
      return;
    case 'cairn.serving.v1.RolloutStarted': {
      const { deploymentId, rolloutId, versionId, version } = event.data;
      const deployment = await manager.findOneBy(DeploymentRow, { deploymentId });
      const open = { startedAt: time, endedAt: '', outcome: '', reason: '', position: String(position) };
      await manager.upsert(RolloutRow, { rolloutId, workspace, deploymentId, deploymentName: deployment?.name ?? '', versionId, version, ...open }, ['rolloutId']);
      return;
    }
    case 'cairn.serving.v1.RolloutCompleted':
      await manager.update(RolloutRow, { rolloutId: event.data.rolloutId }, { endedAt: time, outcome: 'completed', position: String(position) });
      return;
    case 'cairn.serving.v1.RolloutAborted': {
      const { rolloutId, reason } = event.data;
      await manager.update(RolloutRow, { rolloutId }, { endedAt: time, outcome: 'aborted', reason, position: String(position) });
      return;
    }
    case 'cairn.monitoring.v1.IncidentOpened': {
      const { incidentId, deploymentName, sentence } = event.data;
      await manager.upsert(IncidentRow, { incidentId, workspace, deploymentName, sentence, openedAt: time, resolvedAt: '', reason: '' }, ['incidentId']);
      return;
    }
    case 'cairn.monitoring.v1.IncidentResolved':
      await manager.update(IncidentRow, { incidentId: event.data.incidentId }, { resolvedAt: time, reason: event.data.reason });
      return;
    case 'cairn.catalog.v1.DatasetVersionRegistered':
      await manager.upsert(DataArrivalRow, { versionId: event.data.versionId, registeredAt: time }, ['versionId']);
      return;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
