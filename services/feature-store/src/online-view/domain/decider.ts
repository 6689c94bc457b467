import type { Decider, Refusal } from '@cairn/kernel';
import type { OnlineViewCommand, RecordMaterialisation } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type OnlineViewEvent, type OnlineViewState } from './state.js';

type Decision = readonly OnlineViewEvent[] | Refusal<Code>;

/** One version of a view, as it is answered online. */
export const onlineView: Decider<OnlineViewState, OnlineViewCommand, OnlineViewEvent, Code> = {
  category: 'online-view',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: OnlineViewCommand, state: OnlineViewState): Decision {
  switch (command.type) {
    case 'RecordMaterialisation':
      return record(command, state);
    default: {
      const unhandled: never = command.type;
      return unhandled;
    }
  }
}

/** The moment never goes back: whoever materialises late must not put older values before newer ones. The same moment again may bring what came late. */
function record({ data }: RecordMaterialisation, state: OnlineViewState): Decision {
  if (data.entityCount === 0n) return refuse('NO_ENTITIES', `No row of these dataset versions names an entity that was known before ${data.until}.`);
  if (state.status === 'online') {
    // Both are RFC 3339 in UTC with milliseconds, so that their order as texts is their order in time.
    if (data.until < state.until) return refuse('OLDER_MOMENT', `Values as of ${state.until} are online already; materialise that moment or a later one.`);
    const isSame = data.until === state.until && data.digest === state.digest && data.datasetVersionIds.join() === state.datasetVersionIds.join();
    if (isSame) return [];
  }
  return [{ type: 'cairn.features.v1.FeaturesMaterialised', data }];
}
