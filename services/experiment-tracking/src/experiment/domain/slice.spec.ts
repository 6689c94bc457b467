import { describe, expect, it } from 'vitest';
import { isOfSlice, sliceKey, withoutSlice } from './slice.js';

describe('a slice', () => {
  it.each([
    ['auc', 'JFK', 'auc/slice/JFK'],
    ['val/auc', 'origin/JFK', 'val/auc/slice/origin/JFK'],
    ['auc', '', 'auc'],
    ['', 'JFK', ''],
  ])('of %j named %j is logged as %j', (metric, slice, key) => {
    expect(sliceKey(metric, slice)).toBe(key);
    expect(withoutSlice(key, slice)).toBe(metric);
  });

  it.each([
    ['auc/slice/JFK', 'JFK', true], ['auc/slice/LGA', 'JFK', false], ['auc', 'JFK', false], ['/slice/JFK', 'JFK', false], ['auc', '', true],
  ])('is the one of %j: %j, %j', (key, slice, answer) => {
    expect(isOfSlice(key, slice)).toBe(answer);
  });
});
