import type { InferRequest } from '../v2/infer-request.js';
import { V2Error } from '../v2/v2-error.js';

const DEFAULT_PRIORITY = 500;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Who asks, for a canary that keeps to its callers: `parameters.key`, else the request's id, else nobody twice. */
export function keyOf({ id, parameters }: InferRequest, inferenceId: string): string {
  const { key } = parameters;
  if (key !== undefined) return String(key);
  return id === '' ? inferenceId : id;
}

export interface Urgency {
  /** Lower goes first. */
  readonly priority: number;
  /** How long it may wait for a replica; undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
}

const MAX_TIMEOUT_US = 600_000_000;

/**
 * `parameters.priority`, as Triton has it: 1 goes first, 0 or nothing is the middle, up to 1,000; `parameters.timeout`, microseconds. Throws V2Error 400.
 */
export function urgencyOf({ parameters }: InferRequest): Urgency {
  const priority = wholeNumber('priority', parameters['priority'], 1_000);
  const timeoutUs = wholeNumber('timeout', parameters['timeout'], MAX_TIMEOUT_US);
  return { priority: priority === 0 ? DEFAULT_PRIORITY : priority, timeoutMs: timeoutUs === 0 ? undefined : timeoutUs / 1_000 };
}

function wholeNumber(name: string, value: unknown, most: number): number {
  if (value === undefined) return 0;
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most) return number;
  throw new V2Error(400, `parameter '${name}' must be a whole number from 0 to ${most}`);
}

/** Milliseconds since 1970 of `parameters.event_time` (RFC 3339), the moment that a replayed request stands for; `now` without it. Throws V2Error 400. */
export function eventTimeOf({ parameters }: InferRequest, now: number): number {
  const { event_time: text } = parameters;
  if (text === undefined) return now;
  const time = typeof text === 'string' && RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new V2Error(400, "parameter 'event_time' must be an RFC 3339 time, e.g. 2001-04-01T00:00:00Z");
  return time;
}
