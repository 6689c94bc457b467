/**
 * - `INVALID_EXPRESSION`: an SQL expression of a caller is not one scalar expression over the known columns
 * - `UNKNOWN_COLUMN`: a rule or a question names a column that the file does not have
 * - `QUERY_FAILED`: the engine refused a statement, or it failed on the data
 * - `RESULT_TOO_LARGE`: more rows or bytes than the caller's bound; nothing is cut off silently
 * - `FILE_UNREADABLE`: a file that was handed in is missing or cannot be read
 * - `CANCELLED`: the caller's signal was aborted
 * - `ENGINE_CRASHED`: the child process ended under the request; the next request starts a fresh one
 * - `BUSY`: too many requests wait already
 * - `CLOSED`: the instance was closed
 */
export type TabularErrorCode =
  | 'INVALID_EXPRESSION'
  | 'UNKNOWN_COLUMN'
  | 'QUERY_FAILED'
  | 'RESULT_TOO_LARGE'
  | 'FILE_UNREADABLE'
  | 'CANCELLED'
  | 'ENGINE_CRASHED'
  | 'BUSY'
  | 'CLOSED';

/** `message` may name columns and expressions, never paths: it is fit for the caller of an API. The engine's own words are in `cause`. */
export class TabularError extends Error {
  override readonly name = 'TabularError';

  constructor(
    readonly code: TabularErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
