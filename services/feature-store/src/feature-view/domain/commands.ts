import type { features, Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

/** What a view says, without the number that the view gives it. */
export type Definition = Omit<Plain<features.FeatureViewDefined>, 'version'>;

export type DefineFeatureView = Command<'DefineFeatureView', Definition>;
export type FeatureViewCommand = DefineFeatureView;
