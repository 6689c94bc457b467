import type { Decider, Refusal } from '@cairn/kernel';
import { batchingProblem } from './batching.js';
import type {
  AbortRollout, AdvanceRollout, ConfigureBatching, ConfigureFeatureLookUp, ConfigureLogging, CreateDeployment, DeploymentCommand, ReportReplica, StartRollout,
} from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { lookUpProblem, type FeatureLookUp } from './feature-look-up.js';
import { configureFallback, engageKillSwitch, refuseBesideFallback, refuseWhileKilled, releaseKillSwitch } from './fallback.js';
import { judge } from './judgement.js';
import { isSameLogging, loggingProblem } from './logging.js';
import { proofProblem } from './proof.js';
import { refuseUnlessServable } from './servable.js';
import { evolve, type DeploymentEvent, type DeploymentState, type Rollout } from './state.js';

type Decision = readonly DeploymentEvent[] | Refusal<Code>;

/** Each replica is a thread of this machine; more of them than cores only costs memory. */
export const MAX_REPLICAS = 16;

export const deployment: Decider<DeploymentState, DeploymentCommand, DeploymentEvent, Code> = {
  category: 'deployment',
  initialState: () => ({ status: 'absent' }),
  evolve,
  decide,
  refusals,
};

function decide(command: DeploymentCommand, state: DeploymentState): Decision {
  switch (command.type) {
    case 'CreateDeployment':
      return create(command, state);
    case 'ConfigureBatching':
      return configureBatching(command, state);
    case 'ConfigureLogging':
      return configureLogging(command, state);
    case 'ConfigureFeatureLookUp':
      return configureFeatureLookUp(command, state);
    case 'ConfigureFallback':
      return state.status === 'absent' ? notFound() : configureFallback(command, state);
    case 'EngageKillSwitch':
      return state.status === 'absent' ? notFound() : engageKillSwitch(command, state);
    case 'ReleaseKillSwitch':
      return state.status === 'absent' ? notFound() : releaseKillSwitch(command, state);
    case 'StartRollout':
      return start(command, state);
    case 'ReportReplica':
      return report(command, state);
    case 'AdvanceRollout':
      return advance(command, state);
    case 'AbortRollout':
      return abort(command, state);
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function create({ data }: CreateDeployment, state: DeploymentState): Decision {
  if (state.status !== 'absent') return refuse('DEPLOYMENT_NAME_TAKEN', `A deployment is called ${data.name} already.`);
  if (data.replicas < 1 || data.replicas > MAX_REPLICAS) {
    return refuse('INVALID_DEPLOYMENT', `replicas is ${data.replicas}; it must lie between 1 and ${MAX_REPLICAS}.`);
  }
  if (!Number.isFinite(data.fallbackValue)) return refuse('INVALID_DEPLOYMENT', 'fallback_value must be a finite number.');
  return [{ type: 'cairn.serving.v1.DeploymentCreated', data }];
}

function configureBatching({ data }: ConfigureBatching, state: DeploymentState): Decision {
  if (state.status === 'absent') return notFound();
  const problem = batchingProblem(data);
  if (problem !== undefined) return refuse('INVALID_BATCHING', problem);
  const { deploymentId, maxRows, delayUs, preferredRows, maxQueued } = data;
  const now = state.deployment.batching;
  const isSame = now.maxRows === maxRows && now.delayUs === delayUs && now.maxQueued === maxQueued && now.preferredRows.join() === preferredRows.join();
  if (isSame) return [];
  return [{ type: 'cairn.serving.v1.BatchingConfigured', data: { deploymentId, maxRows, delayUs, preferredRows: [...preferredRows], maxQueued } }];
}

function configureLogging({ data }: ConfigureLogging, state: DeploymentState): Decision {
  if (state.status === 'absent') return notFound();
  const problem = loggingProblem(data);
  if (problem !== undefined) return refuse('INVALID_LOGGING', problem);
  if (isSameLogging(state.deployment.logging, data)) return [];
  const { deploymentId, sampleRate, redactedColumns, retentionDays } = data;
  return [{ type: 'cairn.serving.v1.LoggingConfigured', data: { deploymentId, sampleRate, redactedColumns: [...redactedColumns], retentionDays } }];
}

function configureFeatureLookUp({ data }: ConfigureFeatureLookUp, state: DeploymentState): Decision {
  if (state.status === 'absent') return notFound();
  const { deploymentId, lookUp, defaults } = data;
  const problem = lookUp && lookUpProblem(lookUp, defaults);
  if (problem !== undefined) return refuse('INVALID_FEATURE_LOOK_UP', problem);
  const features = (lookUp?.features ?? []).map((feature) => ({ ...feature, defaultValue: defaults.find(({ column }) => column === feature.column)?.value }));
  const wanted = lookUp && { ...lookUp, features };
  if (textOf(wanted) === textOf(state.deployment.featureLookUp)) return [];
  const { serviceId = '', serviceName = '', serviceVersion = 0 } = lookUp ?? {};
  const service = { featureServiceId: serviceId, featureServiceName: serviceName, featureServiceVersion: serviceVersion };
  return [{ type: 'cairn.serving.v1.FeatureLookUpConfigured', data: { deploymentId, ...service, features } }];
}

/** Field by field in one order: what was read back from the log carries more than its fields. */
function textOf(lookUp: FeatureLookUp | undefined): string {
  const features = lookUp?.features.map(({ column, entities, defaultValue }) => [column, entities, defaultValue]);
  return JSON.stringify([lookUp?.serviceId, lookUp?.serviceName, lookUp?.serviceVersion, features]);
}

function start({ data }: StartRollout, state: DeploymentState): Decision {
  if (state.status === 'absent') return notFound();
  if (state.status === 'rolling') {
    return refuse('ROLLOUT_IN_PROGRESS', `Version ${state.rollout.version} is being rolled out; advance or abort that rollout first.`);
  }
  const { live, modelName } = state.deployment;
  const unfit = refuseWhileKilled(state.deployment) ?? refuseUnlessServable(data, modelName);
  if (unfit !== undefined) return unfit;
  if (live?.versionId === data.versionId) return refuse('VERSION_ALREADY_LIVE', `Version ${data.version} is live already.`);
  const besideFallback = refuseBesideFallback(data, state.deployment);
  if (besideFallback !== undefined) return besideFallback;
  if (!(data.canaryWeight > 0 && data.canaryWeight < 1)) return refuse('INVALID_ROLLOUT', 'canary_weight must lie between 0 and 1, both excluded.');
  if (!(data.goldenTolerance >= 0)) return refuse('INVALID_ROLLOUT', 'golden_tolerance must not be negative.');
  if (!Number.isInteger(data.minimumRequests) || data.minimumRequests < 1) return refuse('INVALID_ROLLOUT', 'minimum_requests must be at least 1.');
  const { deploymentId, rolloutId, versionId, version, digest, goldenDigest, goldenTolerance, canaryWeight } = data;
  return [
    {
      type: 'cairn.serving.v1.RolloutStarted',
      data: {
        deploymentId,
        rolloutId,
        versionId,
        version,
        digest,
        goldenDigest,
        incumbentVersionId: live?.versionId ?? '',
        canaryWeight,
        goldenTolerance,
        minimumRequests: BigInt(data.minimumRequests),
      },
    },
    entered(deploymentId, rolloutId, 'shadow', 0),
  ];
}

/** A report about a rollout or a fallback that is over, or about another version, says nothing about what runs now: it is left out. */
function report({ data }: ReportReplica, state: DeploymentState): Decision {
  if (state.status === 'absent') return notFound();
  const { deploymentId, rolloutId, replicaId, versionId, digest, outcome } = data;
  const { live, fallback } = state.deployment;
  const brought = [state.status === 'rolling' ? state.rollout : undefined, live, fallback].find((version) => version?.rolloutId === rolloutId);
  if (brought?.versionId !== versionId) return [];
  const ids = { deploymentId, rolloutId, replicaId, versionId, digest };
  const failed = (reason: string): Decision => [{ type: 'cairn.serving.v1.ReplicaFailedProof', data: { ...ids, reason } }];
  if ('failure' in outcome) return failed(outcome.failure);
  const problem = proofProblem(brought, digest, outcome.goldenMaxDifference);
  if (problem !== undefined) return failed(problem);
  return [{ type: 'cairn.serving.v1.ReplicaProved', data: { ...ids, goldenMaxDifference: outcome.goldenMaxDifference } }];
}

/** A judgement that is not a pass is recorded, and the stage stays. */
function advance({ data }: AdvanceRollout, state: DeploymentState): Decision {
  const running = runningRollout(state, data.rolloutId);
  if ('refused' in running) return running;
  const killed = refuseWhileKilled(running.deployment);
  if (killed !== undefined) return killed;
  const { rollout } = running;
  const { deploymentId, rolloutId, stage, statistics, members } = data;
  // What one stage has shown does not count for the next, however close together two requests to advance come.
  if (stage !== rollout.stage) return refuse('STAGE_CHANGED', `The rollout is in ${rollout.stage} and no longer in ${stage}.`);
  const { verdict, evidence } = judge(rollout.stage, statistics, rollout.minimumRequests);
  const judged: DeploymentEvent = {
    type: 'cairn.serving.v1.RolloutStageJudged',
    data: {
      deploymentId,
      rolloutId,
      stage: rollout.stage,
      verdict,
      requests: BigInt(statistics.requests),
      rows: BigInt(statistics.rows),
      errors: BigInt(statistics.errors),
      meanPredictionNew: statistics.meanPredictionNew,
      meanPredictionIncumbent: statistics.meanPredictionIncumbent,
      p99LatencyMs: statistics.p99LatencyMs,
      evidence,
    },
  };
  if (verdict !== 'pass') return [judged];
  const unproved = refuseUnlessProved(members, rollout, running.deployment.replicas);
  if (unproved !== undefined) return unproved;
  switch (rollout.stage) {
    case 'shadow':
      return [judged, entered(deploymentId, rolloutId, 'canary', rollout.canaryWeight)];
    case 'canary':
      return [judged, entered(deploymentId, rolloutId, 'full', 1)];
    case 'full': {
      const { versionId, version } = rollout;
      const completed = { deploymentId, rolloutId, versionId, version, replicaIds: [...members] };
      return [judged, { type: 'cairn.serving.v1.RolloutCompleted', data: completed }];
    }
    default: {
      const unhandled: never = rollout.stage;
      return unhandled;
    }
  }
}

/** Traffic moves only when all replicas that there should be are there, and each has proved by itself what it runs. */
function refuseUnlessProved(members: readonly string[], { proved }: Rollout, replicas: number): Refusal<Code> | undefined {
  const distinct = new Set(members);
  const missing = [...distinct].filter((member) => !proved.has(member));
  if (distinct.size >= replicas && missing.length === 0) return undefined;
  const proofs = distinct.size - missing.length;
  return refuse('REPLICAS_NOT_PROVED', `${proofs} of ${replicas} replicas have proved by digest and golden answer that they run the version.`);
}

function abort({ data }: AbortRollout, state: DeploymentState): Decision {
  const running = runningRollout(state, data.rolloutId);
  return 'refused' in running ? running : [{ type: 'cairn.serving.v1.RolloutAborted', data }];
}

function runningRollout(state: DeploymentState, rolloutId: string): Extract<DeploymentState, { status: 'rolling' }> | Refusal<Code> {
  if (state.status === 'absent') return notFound();
  if (state.status === 'rolling' && state.rollout.rolloutId === rolloutId) return state;
  return refuse('ROLLOUT_NOT_RUNNING', 'This rollout is not in progress.');
}

function entered(deploymentId: string, rolloutId: string, stage: Rollout['stage'], weight: number): DeploymentEvent {
  return { type: 'cairn.serving.v1.RolloutStageEntered', data: { deploymentId, rolloutId, stage, weight } };
}

function notFound(): Refusal<Code> {
  return refuse('DEPLOYMENT_NOT_FOUND', 'No deployment has this name.');
}
