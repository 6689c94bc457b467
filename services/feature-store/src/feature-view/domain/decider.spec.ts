import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { Definition, FeatureViewCommand } from './commands.js';
import { featureView } from './decider.js';
import type { FeatureViewEvent } from './state.js';

const window: Definition['features'][number] = {
  name: 'late_share_3h',
  kind: 'window',
  expression: 'delay > 15',
  aggregation: 'avg',
  windowSeconds: 10_800n,
  unit: '1',
  description: '',
  knownTime: '',
  defaultValue: 0.2,
};
const row: Definition['features'][number] = {
  ...window,
  name: 'hour',
  kind: 'row',
  expression: 'hour(date)',
  aggregation: '',
  windowSeconds: 0n,
  knownTime: 'date',
  defaultValue: 0,
};
const definition: Definition = {
  viewId: 'v',
  name: 'arrivals',
  datasetName: 'flights',
  entityColumns: ['destination'],
  eventTime: 'date',
  knownTime: 'date + INTERVAL 2 HOUR',
  ttlSeconds: 0n,
  features: [window, row],
  description: '',
};
const define = (changes: Partial<Definition> = {}): FeatureViewCommand => ({
  type: 'DefineFeatureView',
  data: { ...definition, ...changes },
  meta: testMeta(),
});
const defined = (version: number, changes: Partial<Definition> = {}): FeatureViewEvent => ({
  type: 'cairn.features.v1.FeatureViewDefined',
  data: { ...definition, ...changes, version },
});

describe('feature view', () => {
  const { given } = deciderSpec(featureView);

  it('numbers its definitions', () => {
    given([])
      .when(define())
      .then([defined(1)]);
    given([defined(1)])
      .when(define({ knownTime: 'date' }))
      .then([defined(2, { knownTime: 'date' })]);
    given([defined(1)])
      .when(define({ ttlSeconds: 60n }))
      .then([defined(2, { ttlSeconds: 60n })]);
  });

  it('takes the same definition again as the one it has', () => {
    given([defined(1)])
      .when(define({ features: [{ ...window }, { ...row }] }))
      .thenNothing();
    given([defined(1)])
      .when(define({ features: [row, window] }))
      .then([defined(2, { features: [row, window] })]);
  });

  it('refuses what it could not compute or could not judge', () => {
    given([])
      .when(define({ features: [window, window] }))
      .thenRefused('DUPLICATE_FEATURE');
    given([])
      .when(define({ features: [{ ...window, aggregation: '' }] }))
      .thenRefused('WINDOW_INCOMPLETE');
    given([])
      .when(define({ features: [{ ...window, windowSeconds: 0n }] }))
      .thenRefused('WINDOW_INCOMPLETE');
    given([])
      .when(define({ features: [{ ...row, knownTime: '' }] }))
      .thenRefused('ROW_FEATURE_INCOMPLETE', /becomes known/);
  });
});
