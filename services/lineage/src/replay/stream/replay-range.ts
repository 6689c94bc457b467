import { DomainError } from '@cairn/kernel';
import { POSITION, type Bound } from './replay-bounds.js';

export interface AskedRange {
  readonly from?: Bound | undefined;
  readonly to?: Bound | undefined;
  /** What an EventSource sends when it comes again: the last position that it has seen. */
  readonly lastEventId?: string | undefined;
}

/** Both ends included. */
export interface ReplayRange {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * What is to be sent out of a log of `size` events; undefined when nothing is left to send. `to` is the last event that is there, unless said otherwise. Positions
 * have to be in the log; between two times there may be nothing, as before its first event and after its last.
 * Throws RANGE_REVERSED, POSITION_NOT_WRITTEN or INVALID_LAST_EVENT_ID.
 */
export function replayRange({ from, to, lastEventId }: AskedRange, size: bigint): ReplayRange | undefined {
  if (lastEventId !== undefined && !POSITION.test(lastEventId)) {
    throw new DomainError('INVALID_LAST_EVENT_ID', 'Last-Event-ID is the position of the last event that was seen. Leave it out to begin anew.', 'invalid');
  }
  if (from !== undefined && to !== undefined && isReversed(from, to)) {
    throw new DomainError('RANGE_REVERSED', `A replay goes forwards: ${from.asked} is after ${to.asked}.`, 'invalid');
  }
  if (isUnwritten(from, size) || isUnwritten(to, size)) {
    const end = size === 0n ? 'is empty' : `ends at position ${size - 1n}`;
    throw new DomainError('POSITION_NOT_WRITTEN', `The log ${end}: name positions that it has.`, 'invalid');
  }
  const [first, last] = [from?.position ?? 0n, to?.position ?? size - 1n];
  const after = lastEventId === undefined ? 0n : BigInt(lastEventId) + 1n;
  const begin = after > first ? after : first;
  return begin > last ? undefined : { from: begin, to: last };
}

function isReversed(from: Bound, to: Bound): boolean {
  return from.time !== undefined && to.time !== undefined ? from.time > to.time : from.position > to.position;
}

function isUnwritten(bound: Bound | undefined, size: bigint): boolean {
  return bound !== undefined && bound.time === undefined && bound.position >= size;
}
