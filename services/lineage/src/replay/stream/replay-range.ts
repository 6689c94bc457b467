import { DomainError } from '@cairn/kernel';

export interface AskedRange {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** What an EventSource sends when it comes again: the last position that it has seen. */
  readonly lastEventId?: string | undefined;
}

/** Both ends included. */
export interface ReplayRange {
  readonly from: bigint;
  readonly to: bigint;
}

const POSITION = /^\d{1,18}$/;

/**
 * What is to be sent out of a log of `size` events; undefined when nothing is left to send. `to` is the last event that is there, unless said otherwise.
 * Throws RANGE_REVERSED, POSITION_NOT_WRITTEN or INVALID_LAST_EVENT_ID.
 */
export function replayRange({ from, to, lastEventId }: AskedRange, size: bigint): ReplayRange | undefined {
  if (lastEventId !== undefined && !POSITION.test(lastEventId)) {
    throw new DomainError('INVALID_LAST_EVENT_ID', 'Last-Event-ID is the position of the last event that was seen. Leave it out to begin anew.', 'invalid');
  }
  const [first, last] = [from === undefined ? 0n : BigInt(from), to === undefined ? size - 1n : BigInt(to)];
  if (from !== undefined && to !== undefined && first > last) throw new DomainError('RANGE_REVERSED', `A replay goes forwards: ${first} is after ${last}.`, 'invalid');
  if (last >= size || (from !== undefined && first >= size)) {
    const end = size === 0n ? 'is empty' : `ends at position ${size - 1n}`;
    throw new DomainError('POSITION_NOT_WRITTEN', `The log ${end}: name positions that it has.`, 'invalid');
  }
  const after = lastEventId === undefined ? 0n : BigInt(lastEventId) + 1n;
  const begin = after > first ? after : first;
  return begin > last ? undefined : { from: begin, to: last };
}
