import { newId } from '@cairn/kernel';
import { describe, expect, it } from 'vitest';
import { inferenceIdOf, leastIdAt, predictionIdProblem, timeOfId } from './prediction-id.js';

describe('a prediction id', () => {
  it('tells when its prediction was made', () => {
    const before = Date.now();
    const id = newId();
    expect(timeOfId(id)).toBeGreaterThanOrEqual(before);
    expect(timeOfId('0198c7a0-1234-7abc-8def-000000000000')).toBe(0x0198c7a01234);
    expect(leastIdAt(timeOfId(id)) <= id && id < leastIdAt(timeOfId(id) + 1)).toBe(true);
    expect(inferenceIdOf(`${id}:12`)).toBe(id);
  });

  it.each([
    ['one', /must be <inference id>:<row>/],
    [`${newId()}`, /must be/],
    [`${newId().toUpperCase()}:0`, /must be/],
    [`${newId()}:00`, /must be/],
    [`${newId()}:100000`, /must be/],
    ['3b241101-e2bb-4255-8caf-4136c566a962:0', /must be/],
    ['ffffffff-ffff-7abc-8def-000000000000:0', /in the future/],
  ])('can’t be %s', (id, why) => {
    expect(predictionIdProblem(id, Date.now())).toMatch(why);
  });

  it('can be one that was given out a moment ago, by a clock that is a little ahead', () => {
    expect(predictionIdProblem(`${newId()}:16383`, Date.now() - 5_000)).toBeUndefined();
  });
});
