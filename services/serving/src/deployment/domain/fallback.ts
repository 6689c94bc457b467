import type { Refusal } from '@cairn/kernel';
import type { ConfigureFallback, Differences, EngageKillSwitch, ReleaseKillSwitch, StartRollout } from './commands.js';
import { refuse, type Code } from './errors.js';
import { refuseUnlessServable } from './servable.js';
import type { Deployment, DeploymentEvent, DeploymentState, RolledVersion } from './state.js';

type Decision = readonly DeploymentEvent[] | Refusal<Code>;
type Present = Exclude<DeploymentState, { readonly status: 'absent' }>;

/** Allowed while the kill switch is on, and then in force at once. */
export function configureFallback({ data }: ConfigureFallback, state: Present): Decision {
  return data.kind === 'constant' ? configureConstant(data, state.deployment) : configureVersion(data, state);
}

function configureConstant({ deploymentId, value }: ConfigureFallback['data'] & { readonly kind: 'constant' }, { fallback, fallbackValue }: Deployment): Decision {
  if (!Number.isFinite(value)) return refuse('INVALID_FALLBACK', 'value must be a finite number.');
  if (fallback === undefined && fallbackValue === value) return [];
  const nobody = { fallbackId: '', versionId: '', version: 0, digest: '', goldenDigest: '', goldenTolerance: 0 };
  return [{ type: 'cairn.serving.v1.FallbackConfigured', data: { deploymentId, kind: 'constant', value, ...nobody } }];
}

function configureVersion(data: ConfigureFallback['data'] & { readonly kind: 'version' }, state: Present): Decision {
  const { live, fallback, fallbackValue, modelName } = state.deployment;
  if (fallback?.versionId === data.versionId) return [];
  const unfit = refuseUnlessServable(data, modelName);
  if (unfit !== undefined) return unfit;
  const served = [live, state.status === 'rolling' ? state.rollout : undefined].filter((version) => version !== undefined);
  if (served.some(({ versionId }) => versionId === data.versionId)) {
    return refuse('VERSION_IS_SERVED', `Version ${data.version} is what the kill switch would stop. Name a version that is neither live nor being rolled out, or a constant.`);
  }
  const differing = refuseDifferent(served, data.differences);
  if (differing !== undefined) return differing;
  const { deploymentId, kind, fallbackId, versionId, version, digest, goldenDigest, goldenTolerance } = data;
  const configured = { deploymentId, kind, value: fallbackValue, fallbackId, versionId, version, digest, goldenDigest, goldenTolerance };
  return [{ type: 'cairn.serving.v1.FallbackConfigured', data: configured }];
}

/** What keeps a version that is to be rolled out from standing beside the fallback; undefined when nothing does. */
export function refuseBesideFallback({ versionId, version, differences }: StartRollout['data'], { fallback }: Deployment): Refusal<Code> | undefined {
  if (fallback === undefined) return undefined;
  if (fallback.versionId === versionId) {
    return refuse('VERSION_IS_FALLBACK', `Version ${version} stands by as the fallback, and the kill switch must not stop what answers then. Configure another fallback first.`);
  }
  return refuseDifferent([fallback], differences);
}

/** A version that can't take every request of the others would break their callers in the moment in which it is needed. */
function refuseDifferent(versions: readonly RolledVersion[], differences: Differences): Refusal<Code> | undefined {
  for (const { versionId, version } of versions) {
    if (!differences.has(versionId)) return refuse('DEPLOYMENT_CHANGED', 'What the deployment runs has changed meanwhile. Send the request again.');
    const difference = differences.get(versionId);
    if (difference !== undefined) {
      const remedy = 'A constant stands in for every version.';
      return refuse('FALLBACK_DIFFERS', `A fallback must take the requests of what it stands in for, and version ${version} differs: ${difference} ${remedy}`);
    }
  }
  return undefined;
}

export function engageKillSwitch({ data: { deploymentId, reason } }: EngageKillSwitch, state: Present): Decision {
  if (state.deployment.killed) return [];
  const liveVersionId = state.deployment.live?.versionId ?? '';
  const candidateVersionId = state.status === 'rolling' ? state.rollout.versionId : '';
  return [{ type: 'cairn.serving.v1.KillSwitchEngaged', data: { deploymentId, reason, liveVersionId, candidateVersionId } }];
}

export function releaseKillSwitch({ data: { deploymentId, reason } }: ReleaseKillSwitch, { deployment }: Present): Decision {
  return deployment.killed ? [{ type: 'cairn.serving.v1.KillSwitchReleased', data: { deploymentId, reason } }] : [];
}

/** Nothing that is judged goes on while nothing of it answers. */
export function refuseWhileKilled({ killed }: Deployment): Refusal<Code> | undefined {
  return killed ? refuse('KILL_SWITCH_ENGAGED', 'The kill switch is on, so that nothing of a rollout is seen. Restore the deployment first, or abort the rollout.') : undefined;
}
