/** How requests of a deployment share runs. */
export interface Batching {
  /** Rows of one run, and of one request. 1: every row runs alone. */
  readonly maxRows: number;
  /** How long a request may wait for others although a replica is idle, in microseconds. */
  readonly delayUs: number;
  /** Numbers of rows that need not wait for more, ascending. */
  readonly preferredRows: readonly number[];
  /** Requests that wait; above it they are refused with 503. */
  readonly maxQueued: number;
}

/** Rows of one request, in either encoding. */
export const MAX_ROWS = 16_384;
export const MAX_DELAY_US = 1_000_000;
export const MAX_PREFERRED = 16;
export const MAX_QUEUED = 8_192;

/** Without a wait: a small model costs less than the wait, and requests gather by themselves while replicas are busy. */
export const DEFAULT_BATCHING: Batching = { maxRows: MAX_ROWS, delayUs: 0, preferredRows: [], maxQueued: 1_024 };

/** Why it can't be; undefined when it can. */
export function batchingProblem({ maxRows, delayUs, preferredRows, maxQueued }: Batching): string | undefined {
  if (!isWithin(maxRows, 1, MAX_ROWS)) return `max_rows must lie between 1 and ${MAX_ROWS}.`;
  if (!isWithin(delayUs, 0, MAX_DELAY_US)) return `delay_us must lie between 0 and ${MAX_DELAY_US}.`;
  if (!isWithin(maxQueued, 1, MAX_QUEUED)) return `max_queued must lie between 1 and ${MAX_QUEUED}.`;
  if (preferredRows.length > MAX_PREFERRED) return `preferred_rows may hold ${MAX_PREFERRED} numbers.`;
  const grows = preferredRows.every((rows, index) => isWithin(rows, index === 0 ? 1 : (preferredRows[index - 1] ?? 0) + 1, maxRows));
  return grows ? undefined : 'preferred_rows must grow, from 1 to max_rows at most.';
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
