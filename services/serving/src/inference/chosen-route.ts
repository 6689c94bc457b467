import type { DeploymentRuntime } from '../fleet/deployment-runtime.js';
import type { ServedVersion } from '../fleet/served-version.js';
import type { Route } from '../router/route.js';
import { V2Error } from '../v2/v2-error.js';

/** Throws V2Error 503 while the kill switch is on: whoever insists on one version gets no other's answer. */
export function pinnedTo(runtime: DeploymentRuntime, version: ServedVersion): Route<ServedVersion> {
  if (runtime.killed) throw killedVersion(runtime, version);
  return { arm: 'pinned', propensity: 1, version, compare: undefined };
}

export function killedVersion({ deployment: { name } }: DeploymentRuntime, { version }: ServedVersion, options?: ErrorOptions): V2Error {
  return new V2Error(503, `model '${name}' version ${version} does not answer: the deployment's kill switch is on. Ask without a version for the fallback`, options);
}

/** Whose tensors an answer's are. While the kill switch is on they are those of the deployment whoever answers: its callers go on as they did. */
export function describedBy(runtime: DeploymentRuntime, { version, compare, killed }: Route<ServedVersion>): ServedVersion | undefined {
  return version ?? compare ?? (killed === true ? runtime.shown : undefined);
}

/** Whose inputs a request must have: nobody's where its features would be looked up, but the constant answers while the kill switch is on, and needs none. */
export function checkedBy(runtime: DeploymentRuntime, chosen: Route<ServedVersion>): ServedVersion | undefined {
  const needsNone = chosen.killed === true && chosen.version === undefined && runtime.deployment.featureLookUp !== undefined;
  return needsNone ? undefined : describedBy(runtime, chosen);
}

/** What an answer's parameters say of the fallback and of the kill switch. */
export function fallbackParameters({ arm, version, killed }: Route<ServedVersion>): Readonly<Record<string, string | boolean>> {
  return { ...(arm === 'fallback' && { fallback: version === undefined ? 'constant' : 'version' }), ...(killed === true && { kill_switch: true }) };
}
