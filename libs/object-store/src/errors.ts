/**
 * NOT_FOUND        nothing is stored under the digest.
 * DIGEST_MISMATCH  what is stored, or what arrived, has other bytes than its name says: corrupted or falsified. Never used.
 * TOO_LARGE        more bytes than the caller allowed.
 * UNAVAILABLE      the store can't be reached or written: later.
 */
export type ObjectStoreErrorCode = 'NOT_FOUND' | 'DIGEST_MISMATCH' | 'TOO_LARGE' | 'UNAVAILABLE';

export class ObjectStoreError extends Error {
  override readonly name = 'ObjectStoreError';

  constructor(
    readonly code: ObjectStoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
