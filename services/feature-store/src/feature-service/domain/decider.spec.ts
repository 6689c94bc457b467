import { deciderSpec, testMeta } from '@cairn/testing';
import { describe, it } from 'vitest';
import type { ChosenFeature, FeatureRef, FeatureServiceCommand } from './commands.js';
import { featureService } from './decider.js';
import type { FeatureServiceEvent } from './state.js';

const chosen = (column: string, changes: Partial<FeatureRef> = {}, kind = 'window'): ChosenFeature => ({
  ref: { viewId: 'v', viewName: 'arrivals', viewVersion: 1, feature: 'late_share', joinColumns: ['origin'], column, ...changes },
  kind,
  entityColumns: ['destination'],
});
const define = (...features: ChosenFeature[]): FeatureServiceCommand => ({ type: 'DefineFeatureService', data: { serviceId: 's', name: 'delay', features }, meta: testMeta() });
const defined = (version: number, ...features: ChosenFeature[]): FeatureServiceEvent => ({
  type: 'cairn.features.v1.FeatureServiceDefined', data: { serviceId: 's', name: 'delay', version, features: features.map(({ ref }) => ref) },
});

describe('feature service', () => {
  const { given } = deciderSpec(featureService);
  const atOrigin = chosen('at_origin');
  const atDestination = chosen('at_destination', { joinColumns: ['destination'] });

  it('joins one feature more than once under different columns', () => {
    given([]).when(define(atOrigin, atDestination)).then([defined(1, atOrigin, atDestination)]);
  });

  it('numbers its definitions and takes the same one again as the one it has', () => {
    given([defined(1, atOrigin)]).when(define(atOrigin)).thenNothing();
    given([defined(1, atOrigin)]).when(define(chosen('at_origin', { viewVersion: 2 }))).then([defined(2, chosen('at_origin', { viewVersion: 2 }))]);
  });

  it('refuses columns that clash and joins that cannot be made', () => {
    given([]).when(define(atOrigin, chosen('AT_ORIGIN'))).thenRefused('DUPLICATE_COLUMN');
    given([]).when(define(chosen('label'))).thenRefused('RESERVED_COLUMN');
    given([]).when(define(chosen('x', { joinColumns: [] }))).thenRefused('JOIN_COLUMNS_MISMATCH', /destination/);
    given([]).when(define(chosen('x', {}, 'row'))).thenRefused('JOIN_COLUMNS_MISMATCH', /takes no/);
  });
});
