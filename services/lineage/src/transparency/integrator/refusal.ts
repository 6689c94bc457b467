/**
 * LOG_SHORTER     the log has fewer events than were signed: it was rolled back or cut.
 * LOG_REWRITTEN   the tree over the log is no continuation of the signed one.
 * RECORD_CHANGED  an event's text is not the one that was hashed.
 */
export type RefusalCode = 'LOG_SHORTER' | 'LOG_REWRITTEN' | 'RECORD_CHANGED';

/** Why nothing is signed any more. A person has to look: going on would put the log's name under a falsified history. */
export class SigningRefused extends Error {
  override readonly name = 'SigningRefused';

  constructor(
    readonly code: RefusalCode,
    message: string,
    /** First position that is known to be wrong. */
    readonly position?: bigint,
  ) {
    super(message);
  }
}
