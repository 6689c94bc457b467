import type { Decider, Refusal } from '@cairn/kernel';
import type { ProvenanceCommand } from './commands.js';
import { refusals, type Code } from './errors.js';
import { evolve, type ProvenanceEvent, type ProvenanceState } from './state.js';

/** The numbers of one version. */
const MAX_STATEMENTS = 1_000;

export const provenance: Decider<ProvenanceState, ProvenanceCommand, ProvenanceEvent, Code> = {
  category: 'provenance',
  initialState: () => ({ status: 'unsigned' }),
  evolve,
  decide,
  refusals,
};

/** The same facts under the same key are the same statement: nothing is recorded for them. */
function decide({ data }: ProvenanceCommand, state: ProvenanceState): readonly ProvenanceEvent[] | Refusal<Code> {
  const { mode, ...signed } = data;
  if (state.status === 'unsigned') return [{ type: 'cairn.registry.v1.ProvenanceSigned', data: { ...signed, number: 1 } }];
  const { last } = state;
  if (mode === 'first' || (last.payloadDigest === signed.payloadDigest && last.keyId === signed.keyId)) return [];
  if (last.number >= MAX_STATEMENTS) return { refused: 'TOO_MANY_STATEMENTS', message: `A version has at most ${MAX_STATEMENTS} statements of its provenance.` };
  return [{ type: 'cairn.registry.v1.ProvenanceSigned', data: { ...signed, number: last.number + 1 } }];
}
