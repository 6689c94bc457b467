import { derivedId } from '@cairn/kernel';
import { invalidParameter } from '@cairn/mlflow';

const TRACE_ID = /^[\w.:-]{1,100}$/;

/** A trace's id is what its client calls it; its stream has a UUID that follows from it and its workspace. */
export function streamIdOfTrace(workspace: string, traceId: string): string {
  return derivedId('trace', workspace, traceId);
}

/** Throws INVALID_PARAMETER_VALUE for what no trace can be called. */
export function validTraceId(traceId: string): string {
  if (TRACE_ID.test(traceId)) return traceId;
  throw invalidParameter("Invalid trace id: it has 1 to 100 letters, digits and the signs _ . : -, e.g. 'tr-' and 32 hex digits.");
}
