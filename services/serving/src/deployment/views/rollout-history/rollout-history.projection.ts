import type { EventOf, serving } from '@cairn/contracts';
import type { Projection, Recorded } from '@cairn/read-model';
import type { EntityManager } from 'typeorm';
import type { DeploymentEvent } from '../../domain/state.js';
import { ReplicaProofRow } from './replica-proof.entity.js';
import { RolloutJudgementRow } from './rollout-judgement.entity.js';
import { RolloutRow } from './rollout.entity.js';

type Event = Extract<DeploymentEvent, { readonly data: { readonly rolloutId: string } }>;

/** Every rollout with what it was judged by and who proved what. */
export class RolloutHistoryProjection implements Projection<Event> {
  readonly name = 'rollout-history';
  readonly entities = [RolloutRow, RolloutJudgementRow, ReplicaProofRow];
  readonly types: readonly Event['type'][] = [
    'cairn.serving.v1.RolloutStarted',
    'cairn.serving.v1.RolloutStageEntered',
    'cairn.serving.v1.RolloutStageJudged',
    'cairn.serving.v1.ReplicaProved',
    'cairn.serving.v1.ReplicaFailedProof',
    'cairn.serving.v1.RolloutCompleted',
    'cairn.serving.v1.RolloutAborted',
  ];

  async apply(events: readonly Recorded<Event>[], manager: EntityManager): Promise<void> {
    for (const recorded of events) await this.applyOne(recorded, recorded.event, manager);
  }

  private async applyOne(recorded: Recorded<Event>, event: Event, manager: EntityManager): Promise<void> {
    const { time } = recorded;
    const { rolloutId } = event.data;
    switch (event.type) {
      case 'cairn.serving.v1.RolloutStarted':
        await manager.upsert(RolloutRow, startedRow(recorded, event.data), ['rolloutId']);
        return;
      case 'cairn.serving.v1.RolloutStageEntered':
        await manager.update(RolloutRow, { rolloutId }, { stage: event.data.stage, weight: event.data.weight });
        return;
      case 'cairn.serving.v1.RolloutStageJudged':
        await manager.upsert(RolloutJudgementRow, judgementRow(recorded, event.data), ['rolloutId', 'position']);
        return;
      case 'cairn.serving.v1.ReplicaProved': {
        const { replicaId, digest, goldenMaxDifference } = event.data;
        await manager.upsert(ReplicaProofRow, { rolloutId, replicaId, digest, proved: true, goldenMaxDifference, reason: '', reportedAt: time }, ['rolloutId', 'replicaId']);
        return;
      }
      case 'cairn.serving.v1.ReplicaFailedProof': {
        const { replicaId, digest, reason } = event.data;
        await manager.upsert(ReplicaProofRow, { rolloutId, replicaId, digest, proved: false, goldenMaxDifference: null, reason, reportedAt: time }, ['rolloutId', 'replicaId']);
        return;
      }
      case 'cairn.serving.v1.RolloutCompleted':
        await manager.update(RolloutRow, { rolloutId }, { status: 'completed', endedAt: time });
        return;
      case 'cairn.serving.v1.RolloutAborted':
        await manager.update(RolloutRow, { rolloutId }, { status: 'aborted', reason: event.data.reason, endedAt: time });
        return;
      default: {
        const unhandled: never = event;
        return unhandled;
      }
    }
  }
}

function startedRow({ position, time, actor }: Recorded, data: EventOf<serving.RolloutStarted>['data']): RolloutRow {
  const { rolloutId, deploymentId, versionId, version, digest, goldenDigest, incumbentVersionId, canaryWeight, goldenTolerance } = data;
  return {
    rolloutId, deploymentId, versionId, version, digest, goldenDigest, incumbentVersionId, canaryWeight, goldenTolerance,
    position: String(position),
    minimumRequests: String(data.minimumRequests),
    status: 'running',
    stage: 'shadow',
    weight: 0,
    reason: '',
    startedBy: actor.principal,
    startedAt: time,
    endedAt: null,
  };
}

function judgementRow({ position, time }: Recorded, data: EventOf<serving.RolloutStageJudged>['data']): RolloutJudgementRow {
  const { rolloutId, stage, verdict, meanPredictionNew, meanPredictionIncumbent, p99LatencyMs, evidence } = data;
  return {
    rolloutId, stage, verdict, meanPredictionNew, meanPredictionIncumbent, p99LatencyMs, evidence,
    position: String(position),
    requests: String(data.requests),
    rows: String(data.rows),
    errors: String(data.errors),
    judgedAt: time,
  };
}
