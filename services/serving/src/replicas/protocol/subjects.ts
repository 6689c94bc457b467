/** What is said here is no event: its root is another one, so that no stream keeps it. */
export const SIGNS = 'cairn-serving.signs';

/** Whoever of the control plane is free takes it. */
export const CONTROL = 'cairn-serving.control';
export const CONTROL_QUEUE = 'control';

/** Questions to one start of one replica. */
export function questionsTo(startId: string): string {
  return `cairn-serving.replicas.${startId}`;
}

/** Signs of life come this often; */
export const SIGN_EVERY_MS = 1_000;
/** a replica that has not given one for this long is silent. */
export const LEASE_MS = 5_000;
