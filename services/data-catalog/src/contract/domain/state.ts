import type { catalog, EventOf } from '@cairn/contracts';

export type ContractEvent = EventOf<catalog.ContractPublished>;

/** Digest of the document per published version. */
export interface ContractState {
  readonly versions: ReadonlyMap<string, string>;
}

export function evolve(state: ContractState, event: ContractEvent): ContractState {
  return { versions: new Map(state.versions).set(event.data.version, event.data.documentDigest) };
}
