import type { Decider, Refusal } from '@cairn/kernel';
import type { DatasetCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type DatasetEvent, type DatasetState } from './state.js';

export const dataset: Decider<DatasetState, DatasetCommand, DatasetEvent, Code> = {
  category: 'dataset',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: DatasetCommand, state: DatasetState): readonly DatasetEvent[] | Refusal<Code> {
  switch (command.type) {
    case 'RegisterDataset':
      if (state.status !== 'none') return refuse('DATASET_EXISTS', `A dataset named ${command.data.name} was registered before; choose another name.`);
      return [{ type: 'cairn.catalog.v1.DatasetRegistered', data: command.data }];
    case 'AddVersion': {
      if (state.status === 'none') return refuse('DATASET_NOT_FOUND', 'No dataset has this name; register it first.');
      const { datasetId, versionId } = command.data;
      if (state.versionIds.has(versionId)) return [];
      return [{ type: 'cairn.catalog.v1.DatasetVersionAdded', data: { datasetId, versionId, version: state.lastVersion + 1 } }];
    }
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}
