import type { catalog, Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type RegisterDataset = Command<'RegisterDataset', Plain<catalog.DatasetRegistered>>;
/** The dataset gives the version its number. */
export type AddVersion = Command<'AddVersion', { readonly datasetId: string; readonly versionId: string }>;

export type DatasetCommand = RegisterDataset | AddVersion;
