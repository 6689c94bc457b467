import { describe, expect, it } from 'vitest';
import { replayRange } from './replay-range.js';

const SIZE = 10n;

describe('a range', () => {
  it.each([
    [{}, 0n, 9n],
    [{ from: '3' }, 3n, 9n],
    [{ to: '3' }, 0n, 3n],
    [{ from: '9', to: '9' }, 9n, 9n],
    [{ from: '2', lastEventId: '5' }, 6n, 9n],
    [{ from: '7', lastEventId: '5' }, 7n, 9n],
    [{ to: '7', lastEventId: '5' }, 6n, 7n],
  ])('of %j goes from %s to %s', (asked, from, to) => {
    expect(replayRange(asked, SIZE)).toEqual({ from, to });
  });

  it('has nothing left after its last event, and nothing in an empty log', () => {
    expect(replayRange({ lastEventId: '9' }, SIZE)).toBeUndefined();
    expect(replayRange({ to: '5', lastEventId: '7' }, SIZE)).toBeUndefined();
    expect(replayRange({}, 0n)).toBeUndefined();
  });

  it.each([
    [{ from: '5', to: '4' }, 'RANGE_REVERSED'],
    [{ to: '10' }, 'POSITION_NOT_WRITTEN'],
    [{ from: '10' }, 'POSITION_NOT_WRITTEN'],
    [{ lastEventId: 'x' }, 'INVALID_LAST_EVENT_ID'],
    [{ lastEventId: '-1' }, 'INVALID_LAST_EVENT_ID'],
  ])('is refused when it is %j: %s', (asked, code) => {
    expect(() => replayRange(asked, SIZE)).toThrow(expect.objectContaining({ code, kind: 'invalid' }));
  });
});
