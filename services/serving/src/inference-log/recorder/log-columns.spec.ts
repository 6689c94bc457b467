import fc from 'fast-check';
import { expect, it } from 'vitest';
import { featureColumns, LOG_COLUMNS } from './log-columns.js';

it('leaves names alone that nothing else has', () => {
  expect(featureColumns(['distance', 'hour'])).toEqual(['distance', 'hour']);
});

it('gives another name to what is taken', () => {
  expect(featureColumns(['arm', 'Sample_Rate', 'feature_arm', 'x', 'X'])).toEqual(['feature_arm', 'feature_Sample_Rate', 'feature_feature_arm', 'x', 'feature_X']);
});

it('has no two columns of one name', () => {
  const name = fc.oneof(fc.constantFrom(...LOG_COLUMNS, 'feature_arm', 'feature_time', 'Time'), fc.string());
  fc.assert(
    fc.property(fc.array(name), (names) => {
      const all = [...LOG_COLUMNS, ...featureColumns(names)].map((column) => column.toLowerCase());
      return new Set(all).size === all.length;
    }),
  );
});
