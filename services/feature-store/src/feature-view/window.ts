import type { WindowFeature, WindowSource } from '@cairn/tabular';
import type { FeatureView } from './views/view-list/view-list.query.js';

type Feature = FeatureView['features'][number];

/** Name of a view as the source of a join. */
export function sourceName({ name, version }: FeatureView): string {
  return `${name}_${version}`;
}

/** Rows of a view's dataset in these files, as a join takes them: offline and online alike, so that both say the same. */
export function windowSource({ entityColumns, knownTime }: FeatureView, paths: readonly string[]): WindowSource {
  return { paths, keyColumns: entityColumns, knownTime };
}

/** A window feature under the name `column`; `joinColumns` of the predicted row match the view's entity columns. */
export function windowFeature(view: FeatureView, feature: Feature, column: string, joinColumns: readonly string[]): WindowFeature {
  const { expression, defaultValue, aggregation, windowSeconds } = feature;
  return {
    kind: 'window', column, joinColumns, expression, defaultValue,
    source: sourceName(view),
    aggregation: aggregation as WindowFeature['aggregation'],
    windowSeconds: Number(windowSeconds),
  };
}

/** Those that can be answered online, in the view's order. The others are taken from the predicted row, which whoever asks has. */
export function windowFeatures({ features }: FeatureView): readonly Feature[] {
  return features.filter(({ kind }) => kind === 'window');
}
