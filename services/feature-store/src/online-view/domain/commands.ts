import type { features, Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type Materialisation = Plain<features.FeaturesMaterialised>;

/** The file is stored: from now on it is what is answered online. */
export type RecordMaterialisation = Command<'RecordMaterialisation', Materialisation>;
export type OnlineViewCommand = RecordMaterialisation;
