import { EventStoreError } from '../errors.js';

/**
 * conflict   another append came first: nothing was stored.
 * too-large  more than the server takes in one transaction or record: nothing was stored.
 * refused    not allowed, or not known to this server: no attempt will do better.
 * passing    the server is away, slow or just elected another leader: the outcome is unknown.
 */
export type KurrentOutcome = 'conflict' | 'too-large' | 'refused' | 'passing';

/** By the `type` of the client's errors (ErrorType); anything else may have been stored, and is treated so. */
const OUTCOMES: Readonly<Record<string, KurrentOutcome>> = {
  'append-consistency-violation': 'conflict',
  'wrong-expected-version': 'conflict',
  'transaction-max-size-exceeded': 'too-large',
  'append-record-size-exceeded': 'too-large',
  'maximum-append-size-exceeded': 'too-large',
  'access-denied': 'refused',
  'invalid-argument': 'refused',
  'stream-deleted': 'refused',
  'stream-tombstoned': 'refused',
  unsupported: 'refused',
};

export function outcomeOf(error: unknown): KurrentOutcome {
  return OUTCOMES[typeOf(error)] ?? (error instanceof EventStoreError ? 'refused' : 'passing');
}

export function isNoStream(error: unknown): boolean {
  return typeOf(error) === 'stream-not-found';
}

function typeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'type' in error ? String(error.type) : '';
}
