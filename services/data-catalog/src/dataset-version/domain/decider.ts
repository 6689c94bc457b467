import type { Decider, Refusal } from '@cairn/kernel';
import type { CertifyVersion, DatasetVersionCommand, RecordCheck } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type DatasetVersionEvent, type DatasetVersionState } from './state.js';

type Decision = readonly DatasetVersionEvent[] | Refusal<Code>;

export const datasetVersion: Decider<DatasetVersionState, DatasetVersionCommand, DatasetVersionEvent, Code> = {
  category: 'dataset-version',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: DatasetVersionCommand, state: DatasetVersionState): Decision {
  switch (command.type) {
    case 'RegisterVersion':
      if (state.status !== 'none') return refuse('VERSION_EXISTS', 'A version with this id was registered before.');
      return [{ type: 'cairn.catalog.v1.DatasetVersionRegistered', data: command.data }];
    case 'RecordCheck':
      return recordCheck(command, state);
    case 'CertifyVersion':
      return certify(command, state);
    default: {
      const unhandled: never = command;
      return unhandled;
    }
  }
}

function recordCheck({ data }: RecordCheck, state: DatasetVersionState): Decision {
  if (state.status === 'none') return notFound();
  const checked: DatasetVersionEvent = { type: 'cairn.catalog.v1.ContractChecked', data };
  if (data.rowsViolating === 0n) return [checked];
  const rules = data.violations.map(({ column, rule, count }) => `${column} ${rule}: ${count}`).join(', ');
  const reason = `${data.rowsViolating} of ${data.rowsChecked} rows break the contract (${rules})`;
  return [checked, { type: 'cairn.catalog.v1.DatasetVersionQuarantined', data: { versionId: data.versionId, reason } }];
}

function certify({ data }: CertifyVersion, state: DatasetVersionState): Decision {
  switch (state.status) {
    case 'none':
      return notFound();
    case 'registered':
      return refuse('CONTRACT_NOT_CHECKED', 'Check the version against a contract first.');
    case 'quarantined':
      return refuse('CONTRACT_VIOLATED', `${state.check.rowsViolating} rows break the contract; derive a clean version and certify that.`);
    case 'clean':
    case 'certified': {
      if (state.status === 'certified' && state.level === data.level) return [];
      const { contractId, contractVersion } = state.check;
      return [{ type: 'cairn.catalog.v1.DatasetVersionCertified', data: { ...data, contractId, contractVersion } }];
    }
    default: {
      const unhandled: never = state;
      return unhandled;
    }
  }
}

function notFound(): Refusal<Code> {
  return refuse('VERSION_NOT_FOUND', 'No dataset version has this id.');
}
