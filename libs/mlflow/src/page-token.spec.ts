import { describe, expect, it } from 'vitest';
import { limitOf, offsetOf, pageToken, placeOf } from './page-token.js';

describe('page tokens', () => {
  it('come back as they were given', () => {
    expect(placeOf(pageToken(['12', 3, 'NaN']), 3)).toEqual(['12', '3', 'NaN']);
    expect(offsetOf(pageToken([40]))).toBe(40);
    expect(offsetOf(undefined)).toBe(0);
    expect(placeOf('', 1)).toBeUndefined();
  });

  it.each(['x', '%%%', Buffer.from('{}').toString('base64'), Buffer.from('[{}]').toString('base64'), pageToken([1, 2]), pageToken([-1]), pageToken(['1;drop'])])(
    'of others are refused: %s',
    (token) => expect(() => offsetOf(token)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' })),
  );
});

it('a place that no table holds was never given out', () => {
  for (const part of ['\0', 'a\ud800']) expect(() => placeOf(pageToken([part]), 1)).toThrow(expect.objectContaining({ code: 'INVALID_PARAMETER_VALUE' }));
});

describe('limitOf', () => {
  it('keeps within the bounds', () => {
    expect(limitOf(undefined, { fallback: 100, max: 1000 })).toBe(100);
    expect(limitOf(1000, { fallback: 100, max: 1000 })).toBe(1000);
    for (const asked of [0, -1, 1001]) expect(() => limitOf(asked, { fallback: 100, max: 1000 })).toThrow(/max_results/);
  });
});
