/** Columns that every row of the log has, beside one for each feature. */
export const LOG_COLUMNS: readonly string[] = [
  'prediction_id', 'inference_id', 'time', 'event_time', 'version_id', 'arm', 'propensity', 'sample_rate', 'replica_id', 'feature_versions', 'prediction', 'latency_ms',
];

/**
 * What features are called in a file, in the same order. A name that is taken, by the log or by a feature before it, gets `feature_` put in front of it until it is
 * not; engines that read these files take upper and lower case for the same.
 */
export function featureColumns(features: readonly string[]): readonly string[] {
  const taken = new Set(LOG_COLUMNS);
  return features.map((feature) => {
    let name = feature;
    while (taken.has(name.toLowerCase())) name = `feature_${name}`;
    taken.add(name.toLowerCase());
    return name;
  });
}
