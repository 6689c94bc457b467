import type { Decider, Refusal } from '@cairn/kernel';
import type { Definition, DefineFeatureView, FeatureViewCommand } from './commands.js';
import { refusals, refuse, type Code } from './errors.js';
import { evolve, type FeatureViewEvent, type FeatureViewState } from './state.js';

type Feature = Definition['features'][number];

const AGGREGATIONS = ['avg', 'count', 'sum'];

export const featureView: Decider<FeatureViewState, FeatureViewCommand, FeatureViewEvent, Code> = {
  category: 'feature-view',
  initialState: () => ({ status: 'none' }),
  evolve,
  decide,
  refusals,
};

function decide(command: FeatureViewCommand, state: FeatureViewState): readonly FeatureViewEvent[] | Refusal<Code> {
  switch (command.type) {
    case 'DefineFeatureView':
      return define(command, state);
    default: {
      const unhandled: never = command.type;
      return unhandled;
    }
  }
}

function define({ data }: DefineFeatureView, state: FeatureViewState): readonly FeatureViewEvent[] | Refusal<Code> {
  const names = data.features.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return refuse('DUPLICATE_FEATURE', `Two features are named ${twice}.`);
  for (const feature of data.features) {
    const refusal = feature.kind === 'window' ? checkWindow(feature) : checkRow(feature);
    if (refusal !== undefined) return refusal;
  }
  if (state.status === 'defined' && same(state.definition, data)) return [];
  const version = state.status === 'defined' ? state.version + 1 : 1;
  return [{ type: 'cairn.features.v1.FeatureViewDefined', data: { ...data, version } }];
}

function checkWindow({ name, aggregation, windowSeconds }: Feature): Refusal<Code> | undefined {
  if (AGGREGATIONS.includes(aggregation) && windowSeconds > 0n) return undefined;
  return refuse('WINDOW_INCOMPLETE', `Window feature ${name} needs an aggregation (${AGGREGATIONS.join(', ')}) and a window above 0 seconds.`);
}

/** Without a known time nobody could say whether the value was there when the prediction was made. */
function checkRow({ name, knownTime }: Feature): Refusal<Code> | undefined {
  return knownTime === '' ? refuse('ROW_FEATURE_INCOMPLETE', `Row feature ${name} must say when its value becomes known.`) : undefined;
}

/** Field by field in one order: an event that was read back from the log carries more than its fields. */
function same(a: Definition, b: Definition): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ name, datasetName, entityColumns, eventTime, knownTime, description, ttlSeconds, features }: Definition): string {
  const ofFeatures = features.map((feature) => [
    feature.name, feature.kind, feature.expression, feature.aggregation, String(feature.windowSeconds),
    feature.unit, feature.description, feature.knownTime, feature.defaultValue,
  ]);
  return JSON.stringify([name, datasetName, entityColumns, eventTime, knownTime, description, String(ttlSeconds), ofFeatures]);
}
