import type { EventOf, serving } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import { DEFAULT_BATCHING } from '../../domain/batching.js';
import { DEFAULT_LOGGING } from '../../domain/logging.js';
import { lookUpOf } from '../../domain/state.js';
import { DeploymentRow } from './deployment.entity.js';

type Event = EventOf<
  | serving.DeploymentCreated
  | serving.BatchingConfigured
  | serving.LoggingConfigured
  | serving.FeatureLookUpConfigured
  | serving.FallbackConfigured
  | serving.KillSwitchEngaged
  | serving.KillSwitchReleased
  | serving.RolloutStarted
  | serving.RolloutCompleted
  | serving.RolloutAborted
>;

const NOBODY_STANDS_BY = { fallbackVersionId: null, fallbackVersion: null, fallbackId: null };
const NOTHING_YET = {
  ...NOBODY_STANDS_BY, featureLookUp: null, liveVersionId: null, liveVersion: null, rolloutId: null, killed: false, switchedAt: null, switchedBy: null, switchReason: null,
};

export class DeploymentListProjection implements Projection<Event> {
  readonly name = 'deployment-list';
  readonly entities = [DeploymentRow];
  readonly types: readonly Event['type'][] = [
    'cairn.serving.v1.DeploymentCreated',
    'cairn.serving.v1.BatchingConfigured',
    'cairn.serving.v1.LoggingConfigured',
    'cairn.serving.v1.FeatureLookUpConfigured',
    'cairn.serving.v1.FallbackConfigured',
    'cairn.serving.v1.KillSwitchEngaged',
    'cairn.serving.v1.KillSwitchReleased',
    'cairn.serving.v1.RolloutStarted',
    'cairn.serving.v1.RolloutCompleted',
    'cairn.serving.v1.RolloutAborted',
  ];

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    for (const { event, workspace, time, actor } of events) {
      const { deploymentId } = event.data;
      switch (event.type) {
        case 'cairn.serving.v1.DeploymentCreated': {
          const row = { ...event.data, ...DEFAULT_BATCHING, ...DEFAULT_LOGGING, ...NOTHING_YET, preferredRows: [], redactedColumns: [], workspace, createdAt: time };
          await manager.upsert(DeploymentRow, row, ['deploymentId']);
          break;
        }
        case 'cairn.serving.v1.BatchingConfigured': {
          const { maxRows, delayUs, preferredRows, maxQueued } = event.data;
          await manager.update(DeploymentRow, { deploymentId }, { maxRows, delayUs, preferredRows: [...preferredRows], maxQueued });
          break;
        }
        case 'cairn.serving.v1.LoggingConfigured': {
          const { sampleRate, redactedColumns, retentionDays } = event.data;
          await manager.update(DeploymentRow, { deploymentId }, { sampleRate, redactedColumns: [...redactedColumns], retentionDays });
          break;
        }
        case 'cairn.serving.v1.FeatureLookUpConfigured':
          await manager.update(DeploymentRow, { deploymentId }, { featureLookUp: lookUpOf(event.data) ?? null });
          break;
        case 'cairn.serving.v1.FallbackConfigured': {
          const { kind, value, versionId, version, fallbackId } = event.data;
          const standsBy = kind === 'version' ? { fallbackVersionId: versionId, fallbackVersion: version, fallbackId } : NOBODY_STANDS_BY;
          await manager.update(DeploymentRow, { deploymentId }, { fallbackValue: value, ...standsBy });
          break;
        }
        case 'cairn.serving.v1.KillSwitchEngaged':
        case 'cairn.serving.v1.KillSwitchReleased': {
          const killed = event.type === 'cairn.serving.v1.KillSwitchEngaged';
          const switched = { killed, switchedAt: time, switchedBy: actor.onBehalfOf ?? actor.principal, switchReason: event.data.reason };
          await manager.update(DeploymentRow, { deploymentId }, switched);
          break;
        }
        case 'cairn.serving.v1.RolloutStarted':
          await manager.update(DeploymentRow, { deploymentId }, { rolloutId: event.data.rolloutId });
          break;
        case 'cairn.serving.v1.RolloutCompleted': {
          const { versionId, version } = event.data;
          await manager.update(DeploymentRow, { deploymentId }, { rolloutId: null, liveVersionId: versionId, liveVersion: version });
          break;
        }
        case 'cairn.serving.v1.RolloutAborted':
          await manager.update(DeploymentRow, { deploymentId }, { rolloutId: null });
          break;
        default: {
          const unhandled: never = event;
          return unhandled;
        }
      }
    }
  }
}
