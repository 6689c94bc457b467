import type { catalog, Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type RegisterVersion = Command<'RegisterVersion', Plain<catalog.DatasetVersionRegistered>>;
/** What a check of every rule of a contract found. */
export type RecordCheck = Command<'RecordCheck', Plain<catalog.ContractChecked>>;
export type CertifyVersion = Command<'CertifyVersion', { readonly versionId: string; readonly level: string; readonly comment: string }>;

export type DatasetVersionCommand = RegisterVersion | RecordCheck | CertifyVersion;
