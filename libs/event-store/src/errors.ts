/**
 * REVISION_CONFLICT   the stream is not as expected: load and decide again.
 * INVALID_EVENT       the event can't be stored as it is (too large, no canonical JSON, U+0000 in a text, an unusable id or name): never retry.
 * OVERLOADED          the queue of this process is full: later.
 * UNAVAILABLE         the store can't be reached, or the outcome can't be learnt: the same ids may be appended again.
 * ARCHIVE_UNREADABLE  what the archive holds of some events is missing in the object store, or isn't what was archived: somebody has to bring the object back.
 */
export type EventStoreErrorCode = 'REVISION_CONFLICT' | 'INVALID_EVENT' | 'OVERLOADED' | 'UNAVAILABLE' | 'ARCHIVE_UNREADABLE';

export class EventStoreError extends Error {
  override readonly name = 'EventStoreError';
  /** Of ARCHIVE_UNREADABLE: from here on, or from where was read if that is later, events can't be read. */
  readonly position: bigint | undefined;

  constructor(
    readonly code: EventStoreErrorCode,
    message: string,
    options?: ErrorOptions & { readonly position?: bigint },
  ) {
    super(message, options);
    this.position = options?.position;
  }
}
