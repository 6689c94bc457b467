import type { Decider, Refusal } from '@cairn/kernel';
import type { ContractCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type ContractEvent, type ContractState } from './state.js';

export const contract: Decider<ContractState, ContractCommand, ContractEvent, Code> = {
  category: 'contract',
  initialState: () => ({ versions: new Map() }),
  evolve,
  decide,
  refusals,
};

/** A published version never changes; the same document again is nothing new. */
function decide({ data }: ContractCommand, state: ContractState): readonly ContractEvent[] | Refusal<Code> {
  const published = state.versions.get(data.version);
  if (published === data.documentDigest) return [];
  if (published !== undefined) {
    return refuse('CONTRACT_VERSION_EXISTS', `Version ${data.version} was published with other content; publish the change as a new version.`);
  }
  return [{ type: 'cairn.catalog.v1.ContractPublished', data }];
}
