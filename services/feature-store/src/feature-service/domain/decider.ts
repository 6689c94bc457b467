import type { Decider, Refusal } from '@cairn/kernel';
import type { ChosenFeature, DefineFeatureService, FeatureRef, FeatureServiceCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type FeatureServiceEvent, type FeatureServiceState } from './state.js';

type Decision = readonly FeatureServiceEvent[] | Refusal<Code>;

/** Every training set has these beside its features. */
const RESERVED = ['label', 'prediction_time', 'source_row'];

export const featureService: Decider<FeatureServiceState, FeatureServiceCommand, FeatureServiceEvent, Code> = {
  category: 'feature-service',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: FeatureServiceCommand, state: FeatureServiceState): Decision {
  switch (command.type) {
    case 'DefineFeatureService':
      return define(command, state);
    default: {
      const unhandled: never = command.type;
      return unhandled;
    }
  }
}

function define({ data }: DefineFeatureService, state: FeatureServiceState): Decision {
  const columns = new Set<string>();
  for (const feature of data.features) {
    const { column } = feature.ref;
    // The engine does not tell columns apart by case.
    if (columns.has(column.toLowerCase())) return refuse('DUPLICATE_COLUMN', `Two features have the column ${column}; give one of them another.`);
    if (RESERVED.includes(column.toLowerCase())) return refuse('RESERVED_COLUMN', `A feature cannot have the column ${column}: every training set has one of that name.`);
    const mismatch = checkJoin(feature);
    if (mismatch !== undefined) return mismatch;
    columns.add(column.toLowerCase());
  }
  const features = data.features.map(({ ref }) => ref);
  if (state.status === 'defined' && same(state.features, features)) return [];
  const version = state.status === 'defined' ? state.version + 1 : 1;
  return [{ type: 'cairn.features.v1.FeatureServiceDefined', data: { serviceId: data.serviceId, name: data.name, version, features } }];
}

function checkJoin({ ref, kind, entityColumns }: ChosenFeature): Refusal<Code> | undefined {
  const expected = kind === 'window' ? entityColumns.length : 0;
  if (ref.joinColumns.length === expected) return undefined;
  const wanted = expected === 0 ? 'takes no join columns' : `needs one join column for each of ${entityColumns.join(', ')}`;
  return refuse('JOIN_COLUMNS_MISMATCH', `Feature ${ref.viewName}:${ref.feature} ${wanted}.`);
}

function same(a: readonly FeatureRef[], b: readonly FeatureRef[]): boolean {
  const key = (ref: FeatureRef): string => JSON.stringify([ref.viewId, ref.viewVersion, ref.feature, ref.column, ref.joinColumns]);
  return a.length === b.length && a.every((ref, index) => key(ref) === b.map(key)[index]);
}
