import type { EventOf, serving } from '@cairn/contracts';
import { DEFAULT_BATCHING, type Batching } from './batching.js';
import type { FeatureLookUp } from './feature-look-up.js';
import { DEFAULT_LOGGING, type Logging } from './logging.js';

export type DeploymentEvent = EventOf<
  | serving.DeploymentCreated
  | serving.BatchingConfigured
  | serving.LoggingConfigured
  | serving.FeatureLookUpConfigured
  | serving.FallbackConfigured
  | serving.KillSwitchEngaged
  | serving.KillSwitchReleased
  | serving.RolloutStarted
  | serving.RolloutStageEntered
  | serving.RolloutStageJudged
  | serving.ReplicaProved
  | serving.ReplicaFailedProof
  | serving.RolloutCompleted
  | serving.RolloutAborted
>;

export type Stage = 'shadow' | 'canary' | 'full';

export interface Deployment {
  readonly deploymentId: string;
  readonly name: string;
  readonly modelName: string;
  /** The constant that answers where no version may or can. */
  readonly fallbackValue: number;
  readonly replicas: number;
  readonly batching: Batching;
  readonly logging: Logging;
  /** Undefined: features come with the request. */
  readonly featureLookUp?: FeatureLookUp | undefined;
  /** Absent until the first rollout completes. */
  readonly live?: RolledVersion;
  /** Stands by to answer in the place of others; undefined: the constant does. Its `rolloutId` is the fallback's id. It is never a version that is live or being rolled out. */
  readonly fallback: RolledVersion | undefined;
  /** The kill switch is on: nothing but the fallback answers. */
  readonly killed: boolean;
}

/** A version together with the rollout, or the fallback, that brings or brought it. */
export interface RolledVersion {
  readonly rolloutId: string;
  readonly versionId: string;
  readonly version: number;
  readonly digest: string;
  readonly goldenDigest: string;
  readonly goldenTolerance: number;
}

export interface Rollout extends RolledVersion {
  readonly stage: Stage;
  /** Share of requests that the new version answers. */
  readonly weight: number;
  readonly canaryWeight: number;
  readonly minimumRequests: number;
  /** Replicas whose latest report was a proof. */
  readonly proved: ReadonlySet<string>;
}

export type DeploymentState =
  | { readonly status: 'absent' }
  | { readonly status: 'steady'; readonly deployment: Deployment }
  | { readonly status: 'rolling'; readonly deployment: Deployment; readonly rollout: Rollout };

export function evolve(state: DeploymentState, event: DeploymentEvent): DeploymentState {
  switch (event.type) {
    case 'cairn.serving.v1.DeploymentCreated': {
      const { deploymentId, name, modelName, fallbackValue, replicas } = event.data;
      const defaults = { batching: DEFAULT_BATCHING, logging: DEFAULT_LOGGING, fallback: undefined, killed: false };
      return { status: 'steady', deployment: { deploymentId, name, modelName, fallbackValue, replicas, ...defaults } };
    }
    case 'cairn.serving.v1.BatchingConfigured': {
      if (state.status === 'absent') return state;
      const { maxRows, delayUs, preferredRows, maxQueued } = event.data;
      return { ...state, deployment: { ...state.deployment, batching: { maxRows, delayUs, preferredRows, maxQueued } } };
    }
    case 'cairn.serving.v1.LoggingConfigured': {
      if (state.status === 'absent') return state;
      const { sampleRate, redactedColumns, retentionDays } = event.data;
      return { ...state, deployment: { ...state.deployment, logging: { sampleRate, redactedColumns, retentionDays } } };
    }
    case 'cairn.serving.v1.FeatureLookUpConfigured':
      return state.status === 'absent' ? state : { ...state, deployment: { ...state.deployment, featureLookUp: lookUpOf(event.data) } };
    case 'cairn.serving.v1.FallbackConfigured': {
      if (state.status === 'absent') return state;
      const { kind, value, fallbackId } = event.data;
      const fallback = kind === 'version' ? rolled({ ...event.data, rolloutId: fallbackId }) : undefined;
      return { ...state, deployment: { ...state.deployment, fallbackValue: value, fallback } };
    }
    case 'cairn.serving.v1.KillSwitchEngaged':
    case 'cairn.serving.v1.KillSwitchReleased':
      if (state.status === 'absent') return state;
      return { ...state, deployment: { ...state.deployment, killed: event.type === 'cairn.serving.v1.KillSwitchEngaged' } };
    case 'cairn.serving.v1.RolloutStarted':
      return state.status === 'steady' ? { status: 'rolling', deployment: state.deployment, rollout: started(event.data) } : state;
    case 'cairn.serving.v1.RolloutStageEntered':
      if (state.status !== 'rolling') return state;
      return { ...state, rollout: { ...state.rollout, stage: toStage(event.data.stage), weight: event.data.weight } };
    case 'cairn.serving.v1.RolloutStageJudged':
      return state;
    case 'cairn.serving.v1.ReplicaProved':
      return withProof(state, event.data, true);
    case 'cairn.serving.v1.ReplicaFailedProof':
      return withProof(state, event.data, false);
    case 'cairn.serving.v1.RolloutCompleted':
      if (state.status !== 'rolling') return state;
      return { status: 'steady', deployment: { ...state.deployment, live: rolled(state.rollout) } };
    case 'cairn.serving.v1.RolloutAborted':
      return state.status === 'rolling' ? { status: 'steady', deployment: state.deployment } : state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}

/** What the event says; undefined where it says that nothing is looked up any more. */
export function lookUpOf(data: (DeploymentEvent & { type: 'cairn.serving.v1.FeatureLookUpConfigured' })['data']): FeatureLookUp | undefined {
  const { featureServiceId: serviceId, featureServiceName: serviceName, featureServiceVersion: serviceVersion } = data;
  if (serviceId === '') return undefined;
  const features = data.features.map(({ column, entities, defaultValue }) => ({ column, entities, defaultValue }));
  return { serviceId, serviceName, serviceVersion, features };
}

function started(data: (DeploymentEvent & { type: 'cairn.serving.v1.RolloutStarted' })['data']): Rollout {
  return {
    ...rolled(data),
    stage: 'shadow',
    weight: 0,
    canaryWeight: data.canaryWeight,
    minimumRequests: Number(data.minimumRequests),
    proved: new Set(),
  };
}

function rolled({ rolloutId, versionId, version, digest, goldenDigest, goldenTolerance }: RolledVersion): RolledVersion {
  return { rolloutId, versionId, version, digest, goldenDigest, goldenTolerance };
}

/** Reports about the live version are facts too, but no rollout waits for them. */
function withProof(state: DeploymentState, report: { readonly rolloutId: string; readonly replicaId: string }, proved: boolean): DeploymentState {
  if (state.status !== 'rolling' || state.rollout.rolloutId !== report.rolloutId) return state;
  const replicas = new Set(state.rollout.proved);
  if (proved) replicas.add(report.replicaId);
  else replicas.delete(report.replicaId);
  return { ...state, rollout: { ...state.rollout, proved: replicas } };
}

function toStage(stage: string): Stage {
  return stage === 'canary' || stage === 'full' ? stage : 'shadow';
}
