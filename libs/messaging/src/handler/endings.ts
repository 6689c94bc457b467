/**
 * Thrown by a handler that can't act yet: the event comes again after `afterMs`. Nothing is wrong with the event, so this does not
 * count towards the dead letters before the policy's `maxPostponements`.
 */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';

  constructor(
    readonly afterMs: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** Thrown by a handler that will never be able to act: the event goes to the dead letters with this reason and does not come again. */
export class Terminate extends Error {
  override readonly name = 'Terminate';

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
  }
}
