/** How an attempt ended: an answer, or a reason why there was none. */
export type Answer =
  | { readonly kind: 'answered'; readonly status: number; readonly detail: string; readonly retryAfterMs?: number }
  | { readonly kind: 'unanswered'; readonly detail: string }
  /** Nobody was asked, and nobody will be: the address is refused, or the secret can't be opened. */
  | { readonly kind: 'refused'; readonly detail: string };

export interface Outcome {
  readonly outcome: 'delivered' | 'retry' | 'failed';
  /** Only of a retry. */
  readonly waitMs?: number;
}

export interface RetryLimits {
  readonly maxAttempts: number;
  readonly firstRetryMs: number;
}

const LONGEST_BACKOFF_MS = 60_000;
/** A receiver that asks for more patience does not get it. */
const LONGEST_WAIT_MS = 3_600_000;
const REQUEST_TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;

/** What follows from the answer to the attempt `attempt` of one round, from 1. */
export function outcomeOf(answer: Answer, attempt: number, { maxAttempts, firstRetryMs }: RetryLimits): Outcome {
  if (answer.kind === 'refused') return { outcome: 'failed' };
  if (answer.kind === 'answered' && answer.status >= 200 && answer.status < 300) return { outcome: 'delivered' };
  const mayPass = answer.kind === 'unanswered' || answer.status >= 500 || answer.status === TOO_MANY_REQUESTS || answer.status === REQUEST_TIMEOUT;
  if (!mayPass || attempt >= maxAttempts) return { outcome: 'failed' };
  const backoffMs = Math.min(firstRetryMs * 2 ** Math.min(attempt - 1, 30), LONGEST_BACKOFF_MS);
  const askedMs = answer.kind === 'answered' ? (answer.retryAfterMs ?? 0) : 0;
  return { outcome: 'retry', waitMs: Math.min(Math.max(backoffMs, askedMs), LONGEST_WAIT_MS) };
}

/** Milliseconds of a Retry-After header, RFC 9110 10.2.3: seconds or a date. Undefined for what is neither. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
