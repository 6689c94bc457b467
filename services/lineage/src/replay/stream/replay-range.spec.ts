import { describe, expect, it } from 'vitest';
import type { Bound } from './replay-bounds.js';
import { replayRange } from './replay-range.js';

const SIZE = 10n;
const at = (position: bigint): Bound => ({ asked: String(position), position });
/** A time of day, and where it leads. */
const on = (time: string, position: bigint): Bound => ({ asked: time, position, time });

describe('a range', () => {
  it.each([
    ['all', {}, 0n, 9n],
    ['from a position', { from: at(3n) }, 3n, 9n],
    ['to a position', { to: at(3n) }, 0n, 3n],
    ['of one event', { from: at(9n), to: at(9n) }, 9n, 9n],
    ['from a time', { from: on('12:00', 3n) }, 3n, 9n],
    ['to a time', { to: on('12:00', 3n) }, 0n, 3n],
    ['from a position to a time', { from: at(3n), to: on('12:00', 4n) }, 3n, 4n],
    ['from a time to a position', { from: on('12:00', 3n), to: at(4n) }, 3n, 4n],
    ['between positions, resumed', { from: at(2n), lastEventId: '5' }, 6n, 9n],
    ['from a position that is not reached yet, resumed', { from: at(7n), lastEventId: '5' }, 7n, 9n],
    ['to a position, resumed', { to: at(7n), lastEventId: '5' }, 6n, 7n],
    ['to a time, resumed', { to: on('12:00', 7n), lastEventId: '5' }, 6n, 7n],
  ])('%s', (_, asked, from, to) => {
    expect(replayRange(asked, SIZE)).toEqual({ from, to });
  });

  it.each([
    ['after its last event', { lastEventId: '9' }, SIZE],
    ['after its last event, when it has an end', { to: at(5n), lastEventId: '7' }, SIZE],
    ['in an empty log', {}, 0n],
    ['after the last event of the log', { from: on('23:00', 10n) }, SIZE],
    ['before the first event of the log', { to: on('01:00', -1n) }, SIZE],
    ['between two times when nothing happened', { from: on('12:00', 5n), to: on('12:30', 4n) }, SIZE],
    ['of times in an empty log', { from: on('12:00', 0n), to: on('12:30', -1n) }, 0n],
  ])('has nothing %s', (_, asked, size) => {
    expect(replayRange(asked, size)).toBeUndefined();
  });

  it.each([
    ['with its ends exchanged', { from: at(5n), to: at(4n) }, 'RANGE_REVERSED'],
    ['with its times exchanged, although nothing happened between them', { from: on('12:30', 5n), to: on('12:00', 4n) }, 'RANGE_REVERSED'],
    ['from an event to a time before it', { from: at(5n), to: on('12:00', -1n) }, 'RANGE_REVERSED'],
    ['from a time to an event before it', { from: on('12:00', 5n), to: at(4n) }, 'RANGE_REVERSED'],
    ['to where nothing is', { to: at(10n) }, 'POSITION_NOT_WRITTEN'],
    ['from where nothing is', { from: at(10n) }, 'POSITION_NOT_WRITTEN'],
    ['after something that is no position', { lastEventId: 'x' }, 'INVALID_LAST_EVENT_ID'],
    ['after something below 0', { lastEventId: '-1' }, 'INVALID_LAST_EVENT_ID'],
  ])('is refused %s', (_, asked, code) => {
    expect(() => replayRange(asked, SIZE)).toThrow(expect.objectContaining({ code, kind: 'invalid' }));
  });
});
