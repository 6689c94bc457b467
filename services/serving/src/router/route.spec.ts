import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { route, type Candidate, type Standby } from './route.js';
import { shareOf } from './share.js';

const candidate = (stage: Candidate<string>['stage'], weight: number): Candidate<string> => ({ version: 'new', rolloutId: 'r1', stage, weight });
const constant: Standby<string> = { version: undefined, killed: false };
const keys = Array.from({ length: 20_000 }, (_, index) => `0198c7a0-1234-7abc-8def-${String(index).padStart(12, '0')}`);

describe('route', () => {
  it('answers with the live version, or with the fallback when there is none', () => {
    expect(route('old', undefined, 'k', constant)).toEqual({ arm: 'live', propensity: 1, version: 'old', compare: undefined });
    expect(route(undefined, undefined, 'k', constant)).toEqual({ arm: 'fallback', propensity: 1, version: undefined, compare: undefined });
  });

  it('compares in shadow without changing who answers', () => {
    expect(route('old', candidate('shadow', 0), 'k', constant)).toEqual({ arm: 'live', propensity: 1, version: 'old', compare: 'new' });
    expect(route(undefined, candidate('shadow', 0), 'k', constant)).toEqual({ arm: 'fallback', propensity: 1, version: undefined, compare: 'new' });
  });

  it('sends everything to the new version in full', () => {
    expect(route('old', candidate('full', 1), 'k', constant)).toEqual({ arm: 'full', propensity: 1, version: 'new', compare: undefined });
  });

  it.each([0.05, 0.25, 0.5])('sends a share of %d to the canary', (weight) => {
    const taken = keys.filter((key) => route('old', candidate('canary', weight), key, constant).arm === 'canary').length;
    expect(taken / keys.length).toBeCloseTo(weight, 1.7);
  });

  it.each([0.05, 0.25, 0.5])('says with which probability it chose, at a weight of %d', (weight) => {
    for (const key of keys.slice(0, 200)) {
      const { arm, propensity } = route('old', candidate('canary', weight), key, constant);
      expect(propensity).toBe(arm === 'canary' ? weight : 1 - weight);
    }
  });

  it('keeps a key in the canary when the weight grows', () => {
    fc.assert(
      fc.property(fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (key, one, other) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        const armAt = (weight: number) => route('old', candidate('canary', weight), key, constant).arm;
        return armAt(less) !== 'canary' || armAt(more) === 'canary';
      }),
    );
  });

  it('answers with the version that stands by where none is live', () => {
    const standby = { version: 'older', killed: false };
    expect(route(undefined, undefined, 'k', standby)).toEqual({ arm: 'fallback', propensity: 1, version: 'older', compare: undefined });
    expect(route(undefined, candidate('shadow', 0), 'k', standby)).toEqual({ arm: 'fallback', propensity: 1, version: 'older', compare: 'new' });
    expect(route('old', undefined, 'k', standby)).toEqual({ arm: 'live', propensity: 1, version: 'old', compare: undefined });
  });

  it.each(['shadow', 'canary', 'full'] as const)('neither answers nor compares in %s while the kill switch is on', (stage) => {
    for (const live of ['old', undefined]) {
      for (const version of ['older', undefined]) {
        expect(route(live, candidate(stage, 1), 'k', { version, killed: true })).toEqual({ arm: 'fallback', propensity: 1, version, compare: undefined, killed: true });
      }
    }
  });
});

describe('shareOf', () => {
  it('spreads keys that differ at the end alone over the whole range', () => {
    const counts = new Array<number>(10).fill(0);
    for (const key of keys) counts[Math.floor(shareOf('r1', key) * 10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 2_000)).toBeLessThan(250);
  });

  it('takes other keys for another rollout', () => {
    const both = keys.filter((key) => shareOf('r1', key) < 0.1 && shareOf('r2', key) < 0.1).length;
    expect(both).toBeLessThan(300);
  });
});
