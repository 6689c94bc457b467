import type { EventOf, registry } from '@cairn/contracts';

export type ProvenanceEvent = EventOf<registry.ProvenanceSigned>;

export type ProvenanceState = { readonly status: 'unsigned' } | { readonly status: 'signed'; readonly last: ProvenanceEvent['data'] };

export function evolve(_: ProvenanceState, event: ProvenanceEvent): ProvenanceState {
  return { status: 'signed', last: event.data };
}
