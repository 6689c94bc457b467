/**
 * SERVER_UNSUITABLE  nats-server is too old, or has no JetStream.
 * STREAM_UNSUITABLE  a stream of our name exists with limits or rules that would lose events.
 * STREAM_AHEAD       the stream holds more than the log.
 * STREAM_DIFFERS     the stream holds other events than the log.
 * STREAM_BEHIND      the stream is not where the relay left it: look again and go on from there. Heals itself.
 * PUBLISH_FAILED     the server did not confirm a copy. Heals itself.
 * MALFORMED_MESSAGE  a message in the stream is no event of ours.
 * INVALID_HANDLER    a handler is declared in a way that can't work: a defect, found at start.
 * CLOSED             we are shutting down.
 */
export type MessagingErrorCode =
  | 'SERVER_UNSUITABLE'
  | 'STREAM_UNSUITABLE'
  | 'STREAM_AHEAD'
  | 'STREAM_DIFFERS'
  | 'STREAM_BEHIND'
  | 'PUBLISH_FAILED'
  | 'MALFORMED_MESSAGE'
  | 'INVALID_HANDLER'
  | 'CLOSED';

export class MessagingError extends Error {
  override readonly name = 'MessagingError';

  constructor(
    readonly code: MessagingErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Whether somebody has to change something before it can go on. */
export function needsOperator(error: unknown): error is MessagingError {
  return error instanceof MessagingError && OPERATOR_CODES.has(error.code);
}

const OPERATOR_CODES: ReadonlySet<MessagingErrorCode> = new Set(['SERVER_UNSUITABLE', 'STREAM_UNSUITABLE', 'STREAM_AHEAD', 'STREAM_DIFFERS']);
