import type { features, Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type FeatureRef = Plain<features.FeatureRef>;

/** A feature that is asked for, and what its view says about it. */
export interface ChosenFeature {
  readonly ref: FeatureRef;
  readonly kind: string;
  readonly entityColumns: readonly string[];
}

export type DefineFeatureService = Command<
  'DefineFeatureService',
  { readonly serviceId: string; readonly name: string; readonly features: readonly ChosenFeature[] }
>;
export type FeatureServiceCommand = DefineFeatureService;
