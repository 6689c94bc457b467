import { ReplicaError } from '../replica/replica.js';
import { V2Error } from '../v2/v2-error.js';

/** What a caller is told about a replica that could not answer. */
export function toV2Error(error: unknown, model: string): V2Error {
  if (!(error instanceof ReplicaError)) throw error;
  switch (error.code) {
    case 'INVALID_INPUT':
      return new V2Error(400, error.message, { cause: error });
    case 'QUEUE_FULL':
      return new V2Error(503, 'Exceeds maximum queue size', { cause: error });
    case 'TIMED_OUT':
      return new V2Error(503, error.message, { cause: error });
    case 'WITHDRAWN':
      return new V2Error(503, `model '${model}' does not answer: the deployment's kill switch is on`, { cause: error });
    case 'NOT_READY':
      return new V2Error(503, `model '${model}' is not ready: no replica has proved the version`, { cause: error });
    case 'CANCELLED':
    case 'LOST':
    case 'NOT_LOADED':
      return new V2Error(503, `model '${model}' lost the replica that ran the request; send it again`, { cause: error });
    case 'LOAD_FAILED':
    case 'RUN_FAILED':
      return new V2Error(500, `model '${model}' failed on the request`, { cause: error });
  }
}

/** No replica of this process can run the version now, whatever is asked of it. */
export function isUnableHere(error: unknown): boolean {
  return error instanceof ReplicaError && (error.code === 'NOT_READY' || error.code === 'NOT_LOADED' || error.code === 'LOST');
}

/** Speaks against the version: neither the caller nor a full queue is to blame. */
export function isVersionFault(error: unknown): boolean {
  return error instanceof ReplicaError && (error.code === 'RUN_FAILED' || error.code === 'LOST');
}
