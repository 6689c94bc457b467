import { EventStoreError } from '@cairn/event-store';
import { DomainError } from '@cairn/kernel';
import { MessagingError } from '../errors.js';
import { RetryLater, Terminate } from './endings.js';
import type { HandlingPolicy } from './handling-policy.js';
import { isOutage } from './outage.js';

/** How the handling of one delivery ends when it failed. */
export type Ending =
  /** `blamed`: this failure counts towards the dead letters. */
  { readonly kind: 'retry'; readonly afterMs: number; readonly blamed: boolean } | { readonly kind: 'dead-letter'; readonly reason: string };

export interface AttemptCount {
  /** How often the event was delivered, this time included. */
  readonly deliveries: number;
  /** How often the handler failed on it before for reasons of its own. */
  readonly failures: number;
}

/**
 * What a handler's error means for the event.
 *
 * - `Terminate`, refusals of the domain and what can't be read: never again, dead letter.
 * - `RetryLater`, `busy` refusals, an unreachable store or database: again, the event is not to blame.
 * - Anything else is a defect until shown otherwise: again with growing delays, and after `maxFailures` a dead letter.
 *
 * Every way ends after `maxDeliveries`: no event goes round for ever.
 */
export function endingOf(error: unknown, count: AttemptCount, policy: HandlingPolicy): Ending {
  const reason = reasonOf(error);
  if (isFinal(error)) return { kind: 'dead-letter', reason };
  if (count.deliveries >= policy.maxDeliveries) return { kind: 'dead-letter', reason: `Postponed ${count.deliveries} times, at last: ${reason}` };
  if (error instanceof RetryLater) return { kind: 'retry', afterMs: error.afterMs, blamed: false };
  if (isNotToBlame(error)) return { kind: 'retry', afterMs: backoff(count.deliveries, policy.outageBackoffMs), blamed: false };
  if (count.failures + 1 >= policy.maxFailures) return { kind: 'dead-letter', reason: `Failed ${count.failures + 1} times, at last: ${reason}` };
  return { kind: 'retry', afterMs: backoff(count.failures + 1, policy.failureBackoffMs), blamed: true };
}

function isFinal(error: unknown): boolean {
  if (error instanceof Terminate) return true;
  if (error instanceof EventStoreError) return error.code === 'INVALID_EVENT';
  if (error instanceof MessagingError) return error.code === 'MALFORMED_MESSAGE';
  return error instanceof DomainError && error.kind !== 'busy' && !TRANSIENT_REFUSALS.has(error.code);
}

function isNotToBlame(error: unknown): boolean {
  if (error instanceof EventStoreError) return STORE_TROUBLES.has(error.code);
  if (error instanceof DomainError) return error.kind === 'busy' || TRANSIENT_REFUSALS.has(error.code);
  return isOutage(error);
}

/** Of the store, not of the handler: somebody has to bring back what is away or damaged, and then the same message is handled. */
const STORE_TROUBLES: ReadonlySet<string> = new Set(['UNAVAILABLE', 'OVERLOADED', 'ARCHIVE_UNREADABLE']);

/** Conflicts of the command handler itself: nothing was decided, so asking again may well succeed. */
const TRANSIENT_REFUSALS: ReadonlySet<string> = new Set(['CONCURRENT_CHANGE', 'READ_MODEL_BEHIND']);

function backoff(nth: number, delaysMs: readonly number[]): number {
  return delaysMs[Math.min(nth, delaysMs.length) - 1] ?? 0;
}

function reasonOf(error: unknown): string {
  if (error instanceof DomainError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message || error.name : String(error);
}
