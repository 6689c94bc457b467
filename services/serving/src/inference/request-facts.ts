import type { InferRequest } from '../v2/infer-request.js';
import { V2Error } from '../v2/v2-error.js';

const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Who asks, for a canary that keeps to its callers: `parameters.key`, else the request's id, else nobody twice. */
export function keyOf({ id, parameters }: InferRequest, inferenceId: string): string {
  const { key } = parameters;
  if (key !== undefined) return String(key);
  return id === '' ? inferenceId : id;
}

/** Milliseconds since 1970 of `parameters.event_time` (RFC 3339), the moment that a replayed request stands for; `now` without it. Throws V2Error 400. */
export function eventTimeOf({ parameters }: InferRequest, now: number): number {
  const { event_time: text } = parameters;
  if (text === undefined) return now;
  const time = typeof text === 'string' && RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new V2Error(400, "parameter 'event_time' must be an RFC 3339 time, e.g. 2001-04-01T00:00:00Z");
  return time;
}
