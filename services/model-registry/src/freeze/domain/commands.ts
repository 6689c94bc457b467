import type { Plain, registry } from '@cairn/contracts';
import type { Command } from '@cairn/kernel';

/** Times are RFC 3339 UTC. */
export type DeclareFreeze = Command<'DeclareFreeze', Plain<registry.FreezeDeclared>>;
export type LiftFreeze = Command<'LiftFreeze', { readonly reason: string }>;

export type FreezeCommand = DeclareFreeze | LiftFreeze;
