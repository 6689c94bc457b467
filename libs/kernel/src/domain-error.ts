/**
 * How a refusal reads at the edge. `kind` decides the status once for all services:
 * invalid 400, unauthenticated 401, forbidden 403, missing 404, conflict 409, unmet 422, busy 503.
 */
export type RefusalKind = 'invalid' | 'unauthenticated' | 'forbidden' | 'missing' | 'conflict' | 'unmet' | 'busy';

/** A refusal on its way to the caller. `message` is public; what only operators may read goes into `cause`. */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: string,
    message: string,
    readonly kind: RefusalKind,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
