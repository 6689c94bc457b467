import type { Plain, registry } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

export type SignStatement = Command<
  'SignStatement',
  Omit<Plain<registry.ProvenanceSigned>, 'number'> & {
    /** Whoever asks for the statement that there is gets it; only who asks for a new one may get another. */
    readonly mode: 'first' | 'renewed';
  }
>;

export type ProvenanceCommand = SignStatement;
