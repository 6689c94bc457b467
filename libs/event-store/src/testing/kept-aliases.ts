import type { EventOf, registry } from '@cairn/contracts';
import { newId, type Command, type Decider } from '@cairn/kernel';

export type AliasEvent = EventOf<registry.AliasMoved>;
export type MoveAliases = Command<'Move', { readonly aliases: readonly string[]; readonly limit: number }>;
export type Aliases = readonly string[];

/** Remembers which aliases were moved, in order, each only once; keeps its state every ten events. */
export const keptAliases = {
  category: 'model',
  initialState: () => [],
  evolve: (state, { data }) => [...state, data.alias],
  decide: ({ data }, state) => {
    const fresh = data.aliases.filter((alias) => !state.includes(alias));
    if (state.length + fresh.length > data.limit) return { refused: 'TOO_MANY', message: 'Too many aliases.' };
    return fresh.map((alias) => ({ type: 'cairn.registry.v1.AliasMoved', data: { modelId: 'm', alias, versionId: 'v', version: 1, previousVersionId: '' } }));
  },
  refusals: { TOO_MANY: 'unmet' },
  snapshot: { version: 1, everyEvents: 10, entries: (state) => state.length, toJson: (state) => [...state], fromJson: (json) => (json as string[]).map((alias) => alias) },
} satisfies Decider<Aliases, MoveAliases, AliasEvent, 'TOO_MANY'>;

export function moveAliases(aliases: readonly string[], limit = 1_000): MoveAliases {
  const meta = { commandId: newId(), now: '2026-01-15T12:00:00.000000Z', actor: { principal: 'alice' }, workspace: 'team', correlationId: newId() };
  return { type: 'Move', data: { aliases, limit }, meta };
}
