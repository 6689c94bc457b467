import type { lineage, Plain } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type RecordDigest = Command<'RecordDigest', Plain<lineage.ReadModelDigested>>;

export type ReadModelCommand = RecordDigest;
