import { describe, expect, it } from 'vitest';
import { Turns } from './turns.js';

describe('turns', () => {
  const nextOf = (turns: Turns, count: number) => Array.from({ length: count }, () => turns.next({}));

  it('go around', () => {
    expect(nextOf(new Turns(['a', 'b', 'c']), 4)).toEqual(['a', 'b', 'c', 'a']);
    expect(nextOf(new Turns(['a']), 2)).toEqual(['a', 'a']);
  });

  it('leave out for a while who could not be reached', () => {
    let now = 0;
    const turns = new Turns(['a', 'b'], () => now);
    const [first, request] = [turns.next({}), {}];
    expect([first, turns.next(request)]).toEqual(['a', 'b']);
    turns.unreachable(request);
    expect(nextOf(turns, 3)).toEqual(['a', 'a', 'a']);
    now = 1_000;
    expect(nextOf(turns, 2)).toEqual(['b', 'a']);
  });

  it('ask somebody when nobody could be reached', () => {
    const turns = new Turns(['a', 'b'], () => 0);
    for (const request of [{}, {}]) {
      turns.next(request);
      turns.unreachable(request);
    }
    expect(['a', 'b']).toContain(turns.next({}));
    turns.unreachable({});
  });
});
