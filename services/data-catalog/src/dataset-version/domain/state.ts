import type { catalog, EventOf } from '@cairn/contracts';

export type DatasetVersionEvent = EventOf<
  catalog.DatasetVersionRegistered | catalog.ContractChecked | catalog.DatasetVersionQuarantined | catalog.DatasetVersionCertified
>;

interface Check {
  readonly contractId: string;
  readonly contractVersion: string;
  readonly rowsViolating: bigint;
}

export type DatasetVersionState =
  | { readonly status: 'none' }
  | { readonly status: 'registered' }
  /** All rules of this contract held. */
  | { readonly status: 'clean'; readonly check: Check }
  /** Some rows broke a rule: for nobody to use until a clean version is derived. */
  | { readonly status: 'quarantined'; readonly check: Check }
  | { readonly status: 'certified'; readonly check: Check; readonly level: string };

export function evolve(state: DatasetVersionState, event: DatasetVersionEvent): DatasetVersionState {
  switch (event.type) {
    case 'cairn.catalog.v1.DatasetVersionRegistered':
      return { status: 'registered' };
    case 'cairn.catalog.v1.ContractChecked': {
      const { contractId, contractVersion, rowsViolating } = event.data;
      return { status: rowsViolating === 0n ? 'clean' : 'quarantined', check: { contractId, contractVersion, rowsViolating } };
    }
    case 'cairn.catalog.v1.DatasetVersionQuarantined':
      return state;
    case 'cairn.catalog.v1.DatasetVersionCertified':
      return state.status === 'clean' || state.status === 'certified' ? { status: 'certified', check: state.check, level: event.data.level } : state;
    default: {
      const unhandled: never = event;
      return unhandled;
    }
  }
}
