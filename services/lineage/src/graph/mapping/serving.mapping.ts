import type { EventOf, serving } from '@cairn/contracts';
import { edge, nameAlias, node, nodeId, versionedNodeId, type GraphChange, type NodeId } from './graph-change.js';

export type ServingEvent = EventOf<
  | serving.DeploymentCreated
  | serving.BatchingConfigured
  | serving.LoggingConfigured
  | serving.FeatureLookUpConfigured
  | serving.RolloutStarted
  | serving.RolloutStageEntered
  | serving.RolloutStageJudged
  | serving.ReplicaProved
  | serving.ReplicaFailedProof
  | serving.RolloutCompleted
  | serving.RolloutAborted
  | serving.FallbackConfigured
  | serving.KillSwitchEngaged
  | serving.KillSwitchReleased
  | serving.InferenceSegmentSealed
  | serving.LabelsRecorded
  | serving.PredictionsLost
  | serving.SegmentsExpired
>;

export const servingTypes: Readonly<Record<ServingEvent['type'], true>> = {
  'cairn.serving.v1.DeploymentCreated': true,
  'cairn.serving.v1.BatchingConfigured': true,
  'cairn.serving.v1.LoggingConfigured': true,
  'cairn.serving.v1.FeatureLookUpConfigured': true,
  'cairn.serving.v1.RolloutStarted': true,
  'cairn.serving.v1.RolloutStageEntered': true,
  'cairn.serving.v1.RolloutStageJudged': true,
  'cairn.serving.v1.ReplicaProved': true,
  'cairn.serving.v1.ReplicaFailedProof': true,
  'cairn.serving.v1.RolloutCompleted': true,
  'cairn.serving.v1.RolloutAborted': true,
  'cairn.serving.v1.FallbackConfigured': true,
  'cairn.serving.v1.KillSwitchEngaged': true,
  'cairn.serving.v1.KillSwitchReleased': true,
  'cairn.serving.v1.InferenceSegmentSealed': true,
  'cairn.serving.v1.LabelsRecorded': true,
  'cairn.serving.v1.PredictionsLost': true,
  'cairn.serving.v1.SegmentsExpired': true,
};

export function mapServing(event: ServingEvent, workspace: string): GraphChange {
  switch (event.type) {
    case 'cairn.serving.v1.DeploymentCreated': {
      const { deploymentId, name, modelName, fallbackValue, replicas } = event.data;
      const deployment = nodeId('deployment', deploymentId);
      return {
        nodes: [node(deployment, name, { name, model: modelName, fallback_value: fallbackValue, replicas })],
        edges: [edge({ alias: nameAlias('model', workspace, modelName) }, 'deployed-as', deployment)],
        aliases: [{ alias: nameAlias('deployment', workspace, name), node: deployment }],
      };
    }
    case 'cairn.serving.v1.BatchingConfigured': {
      const { deploymentId, maxRows, delayUs, preferredRows, maxQueued } = event.data;
      const batching = { max_rows: maxRows, delay_us: delayUs, preferred_rows: preferredRows, max_queued: maxQueued };
      return { nodes: [node(nodeId('deployment', deploymentId), deploymentId, { batching })] };
    }
    case 'cairn.serving.v1.FeatureLookUpConfigured': {
      const { deploymentId, featureServiceId, featureServiceName, featureServiceVersion } = event.data;
      const deployment = nodeId('deployment', deploymentId);
      if (featureServiceId === '') return { nodes: [node(deployment, deploymentId, { looks_up: null })] };
      return {
        nodes: [node(deployment, deploymentId, { looks_up: `${featureServiceName} v${featureServiceVersion}` })],
        edges: [edge(versionedNodeId('feature-service', featureServiceId, featureServiceVersion), 'looked-up-by', deployment)],
      };
    }
    case 'cairn.serving.v1.LoggingConfigured': {
      const { deploymentId, sampleRate, redactedColumns, retentionDays } = event.data;
      const logging = { sample_rate: sampleRate, redacted_columns: redactedColumns, retention_days: retentionDays };
      return { nodes: [node(nodeId('deployment', deploymentId), deploymentId, { logging })] };
    }
    case 'cairn.serving.v1.RolloutStarted': {
      const { deploymentId, rolloutId, versionId, version, digest, incumbentVersionId, canaryWeight } = event.data;
      const rollout = nodeId('rollout', rolloutId);
      return {
        nodes: [
          node(rollout, `rollout of v${version}`, {
            status: 'running',
            version_id: versionId,
            digest,
            incumbent_version_id: incumbentVersionId,
            canary_weight: canaryWeight,
          }),
        ],
        edges: [edge(nodeId('model-version', versionId), 'rolled-out-by', rollout), edge(rollout, 'changes', nodeId('deployment', deploymentId))],
      };
    }
    case 'cairn.serving.v1.RolloutStageEntered': {
      const { deploymentId, rolloutId, stage, weight } = event.data;
      return {
        nodes: [
          node(nodeId('rollout', rolloutId), rolloutId, { stage, weight }),
          node(nodeId('deployment', deploymentId), deploymentId, { rollout_id: rolloutId, stage, weight }),
        ],
      };
    }
    case 'cairn.serving.v1.RolloutStageJudged': {
      const { rolloutId, stage, verdict, requests, rows, errors, evidence } = event.data;
      return { nodes: [node(nodeId('rollout', rolloutId), rolloutId, { [`verdict.${stage}`]: { verdict, requests, rows, errors, evidence } })] };
    }
    case 'cairn.serving.v1.ReplicaProved': {
      const { deploymentId, rolloutId, replicaId, versionId, digest, goldenMaxDifference } = event.data;
      const replica = replicaNode(deploymentId, replicaId);
      return {
        nodes: [node(replica, replicaId, { proved_version_id: versionId, digest, golden_max_difference: goldenMaxDifference })],
        edges: [edge(nodeId('model-version', versionId), 'proved-by', replica), edge(nodeId('rollout', rolloutId), 'reached', replica)],
      };
    }
    case 'cairn.serving.v1.ReplicaFailedProof': {
      const { deploymentId, rolloutId, replicaId, versionId, digest, reason } = event.data;
      const replica = replicaNode(deploymentId, replicaId);
      return {
        nodes: [node(replica, replicaId, { refused_version_id: versionId, digest, reason })],
        edges: [edge(nodeId('model-version', versionId), 'refused-by', replica), edge(nodeId('rollout', rolloutId), 'reached', replica)],
      };
    }
    case 'cairn.serving.v1.RolloutCompleted': {
      const { deploymentId, rolloutId, versionId, version, replicaIds } = event.data;
      const deployment = nodeId('deployment', deploymentId);
      return {
        nodes: [
          node(nodeId('rollout', rolloutId), rolloutId, { status: 'completed', replica_ids: replicaIds }),
          node(deployment, deploymentId, { live_version_id: versionId, live_version: version, rollout_id: null, stage: null, weight: null }),
        ],
        edges: [edge(nodeId('model-version', versionId), 'live-in', deployment)],
      };
    }
    case 'cairn.serving.v1.RolloutAborted': {
      const { deploymentId, rolloutId, reason } = event.data;
      return {
        nodes: [
          node(nodeId('rollout', rolloutId), rolloutId, { status: 'aborted', reason }),
          node(nodeId('deployment', deploymentId), deploymentId, { rollout_id: null, stage: null, weight: null }),
        ],
      };
    }
    case 'cairn.serving.v1.FallbackConfigured':
      return mapFallback(event.data);
    case 'cairn.serving.v1.KillSwitchEngaged': {
      const { deploymentId, reason, liveVersionId, candidateVersionId } = event.data;
      const stopped = [liveVersionId, candidateVersionId].filter((id) => id !== '');
      const deployment = nodeId('deployment', deploymentId);
      return {
        nodes: [node(deployment, deploymentId, { kill_switch: { state: 'engaged', reason, stopped_version_ids: stopped } })],
        edges: stopped.map((versionId) => edge(nodeId('model-version', versionId), 'stopped-in', deployment)),
      };
    }
    case 'cairn.serving.v1.KillSwitchReleased': {
      const { deploymentId, reason } = event.data;
      return { nodes: [node(nodeId('deployment', deploymentId), deploymentId, { kill_switch: { state: 'released', reason } })] };
    }
    case 'cairn.serving.v1.InferenceSegmentSealed': {
      const { deploymentId, deploymentName, segmentId, digest, sizeBytes, rowCount, firstInferenceId, lastInferenceId, firstTime, lastTime, versionIds } =
        event.data;
      const segment = nodeId('segment', segmentId);
      return {
        nodes: [
          node(segment, `${deploymentName} ${firstTime}`, {
            deployment: deploymentName,
            digest,
            size_bytes: sizeBytes,
            row_count: rowCount,
            first_inference_id: firstInferenceId,
            last_inference_id: lastInferenceId,
            first_time: firstTime,
            last_time: lastTime,
          }),
        ],
        edges: [
          edge(nodeId('deployment', deploymentId), 'recorded-in', segment),
          ...versionIds.filter((id) => id !== '').map((versionId) => edge(nodeId('model-version', versionId), 'answered-in', segment)),
        ],
      };
    }
    case 'cairn.serving.v1.LabelsRecorded': {
      const { deploymentId, deploymentName, batchId, digest, rowCount } = event.data;
      const batch = nodeId('label-batch', batchId);
      return {
        nodes: [node(batch, `labels of ${deploymentName}`, { deployment: deploymentName, digest, row_count: rowCount })],
        edges: [edge(nodeId('deployment', deploymentId), 'labelled-by', batch)],
      };
    }
    case 'cairn.serving.v1.PredictionsLost': {
      const { deploymentId, deploymentName, lossId, segmentId, rows, isExact, reason, firstTime, lastTime } = event.data;
      const loss = nodeId('prediction-loss', lossId);
      const missing = { rows, is_exact: isExact, reason, first_time: firstTime, last_time: lastTime };
      return {
        nodes: [node(loss, `lost of ${deploymentName}`, { deployment: deploymentName, segment_id: segmentId, ...missing })],
        edges: [edge(nodeId('deployment', deploymentId), 'lost', loss)],
      };
    }
    case 'cairn.serving.v1.SegmentsExpired': {
      const { deploymentId, segmentIds, retentionDays } = event.data;
      const expired = segmentIds.map((segmentId) => node(nodeId('segment', segmentId), segmentId, { expired: true }));
      return { nodes: [node(nodeId('deployment', deploymentId), deploymentId, { expired_after_days: retentionDays }), ...expired] };
    }
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

/** A version that stands by comes to replicas as a rollout's does, and they report it under the fallback's id in the same way. */
function mapFallback({ deploymentId, kind, value, fallbackId, versionId, version, digest }: EventOf<serving.FallbackConfigured>['data']): GraphChange {
  const deployment = nodeId('deployment', deploymentId);
  if (kind !== 'version') return { nodes: [node(deployment, deploymentId, { fallback: { kind, value } })] };
  const fallback = nodeId('rollout', fallbackId);
  return {
    nodes: [
      node(deployment, deploymentId, { fallback: { kind, value, version_id: versionId, version } }),
      node(fallback, `fallback to v${version}`, { status: 'standing by', version_id: versionId, digest }),
    ],
    edges: [edge(nodeId('model-version', versionId), 'stands-by-in', fallback), edge(fallback, 'changes', deployment)],
  };
}

/** Replicas are numbered within their deployment. */
function replicaNode(deploymentId: string, replicaId: string): NodeId {
  return nodeId('replica', `${deploymentId}.${replicaId}`);
}
