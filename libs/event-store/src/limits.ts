/** With less, a reader of the whole log waits for the server too often; with more, pages grow old before they are handled. */
export const DEFAULT_PAGE = 1_000;
const LARGEST_PAGE = 10_000;

/** How many events a read may answer with. */
export function pageLimit(limit = DEFAULT_PAGE): number {
  return Math.min(Math.max(1, Math.trunc(limit)), LARGEST_PAGE);
}

/** What one append may carry, all its streams together. More has to be sent as several appends: they hold the log's head for as long as they are written. */
export const MAX_APPEND_EVENTS = 10_000;
export const MAX_APPEND_BYTES = 16 * 1024 * 1024;
