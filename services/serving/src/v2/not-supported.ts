import { V2Error } from './v2-error.js';

/** Which version runs is decided by rollouts, which are recorded, and not by whoever reaches the port. */
export function refusedLoad(model: string, action: 'load' | 'unload'): V2Error {
  const shown = model.slice(0, 200);
  return new V2Error(400, `failed to ${action} '${shown}': a deployment runs what was rolled out; start a rollout with POST /serving/v1/deployments/<name>/rollouts`);
}

/** Clients ask for it to find out whether they may use it; then they send tensors in the message. */
export function refusedSharedMemory(): V2Error {
  return new V2Error(501, 'shared memory is not supported; send tensors in the message');
}
