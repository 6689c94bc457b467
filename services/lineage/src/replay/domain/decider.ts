import type { Decider, Refusal } from '@cairn/kernel';
import type { ReadModelCommand, RecordDigest } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type ReadModelEvent, type ReadModelState } from './state.js';

const SHA256 = /^[0-9a-f]{64}$/;

/** What the tables of one service were, at positions of the log. */
export const readModel: Decider<ReadModelState, ReadModelCommand, ReadModelEvent, Code> = {
  category: 'read-model',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: ReadModelCommand, state: ReadModelState): readonly ReadModelEvent[] | Refusal<Code> {
  const { type, data } = command;
  switch (type) {
    case 'RecordDigest':
      if (data.tables.length === 0) return refuse('INVALID_DIGEST', `The service ${data.service} has no tables to digest.`);
      if (!data.tables.every(({ digest }) => SHA256.test(digest))) return refuse('INVALID_DIGEST', `A digest of ${data.service} is no SHA-256 in hex.`);
      // A digest that differs at the same position is what an auditor is looking for: it is recorded.
      return state.status === 'digested' && isSame(state.last, data) ? [] : [{ type: 'cairn.lineage.v1.ReadModelDigested', data }];
    default: {
      const unhandled: never = type;
      return unhandled;
    }
  }
}

function isSame(last: RecordDigest['data'], next: RecordDigest['data']): boolean {
  return (
    last.position === next.position &&
    last.tables.length === next.tables.length &&
    last.tables.every(({ name, rows, digest }, at) => {
      const table = next.tables[at];
      return name === table?.name && rows === table.rows && digest === table.digest;
    })
  );
}
