import type { catalog, Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type PublishContract = Command<'PublishContract', Plain<catalog.ContractPublished>>;

export type ContractCommand = PublishContract;
