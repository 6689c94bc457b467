import type { Demo } from '../context.js';
import { hold } from '../expectation.js';
import type { Catalog } from './catalog.js';

export interface TrainingSet {
  readonly training_set_id: string;
  readonly state: string;
  readonly digest: string;
  readonly row_count: number;
  readonly label_rate: number;
}

interface Leakage {
  readonly code: string;
  readonly findings: readonly { readonly feature: string; readonly rule: string; readonly rows_leaking: number; readonly auc: number; readonly sentence: string }[];
}

export interface TrainingSets {
  readonly training: TrainingSet;
  /** April, which no model has seen. */
  readonly heldOut: TrainingSet;
}

/** Defines the features, has the leaky one refused, and builds a training set by point-in-time join. */
export async function featuresStep({ ana, out, features }: Demo, { first, second }: Catalog): Promise<TrainingSets> {
  for (const view of features.feature_views) await ana.post('/features/v1/feature-views', view);
  await ana.post('/features/v1/feature-services', features.feature_service);
  const leaky = `${features.feature_service.name}-with-hour`;
  await ana.post('/features/v1/feature-services', { name: leaky, features: [...features.feature_service.features, features.leaky_feature] });
  out.say(`${features.feature_views.length} feature views, ${features.feature_service.features.length} features in service ${features.feature_service.name}`);

  const request = { prediction_time: features.prediction_time, label: features.label };
  const range = features.training_set;
  const refusal = await ana.send<Leakage>('POST', '/features/v1/training-sets', {
    ...request, ...range, name: `${leaky}-q1`, feature_service: leaky, dataset_version_id: first.version_id,
  });
  hold(refusal.status === 422 && refusal.body.code === 'LEAKAGE_FOUND', 'the hour of the actual departure was accepted as a feature');
  for (const finding of refusal.body.findings) out.refused(`Leakage: ${finding.sentence}`);
  const hour = refusal.body.findings.find(({ feature }) => feature === 'hour_of_departure');
  hold(hour !== undefined && hour.rule === 'known-after-prediction', 'the leaky feature was refused for another reason');
  out.detail(`its AUC alone is only ${hour.auc.toFixed(3)}: no threshold on predictive power would have found it`);

  const training = await ana.post<TrainingSet>('/features/v1/training-sets', {
    ...request, ...range, name: `${features.feature_service.name}-q1`, feature_service: features.feature_service.name, dataset_version_id: first.version_id,
  });
  out.good(`Training set without it: ${training.row_count.toLocaleString('en')} rows, ${(training.label_rate * 100).toFixed(1)} % late, ${training.digest.slice(0, 19)}…`);
  const heldOut = await ana.post<TrainingSet>('/features/v1/training-sets', {
    ...request, name: `${features.feature_service.name}-april`, feature_service: features.feature_service.name, dataset_version_id: second.version_id,
    history_version_ids: [first.version_id], from: '2001-04-01T00:00:00Z', to: '2001-05-01T00:00:00Z', sample_every: range.sample_every,
  });
  out.good(`Held-out April: ${heldOut.row_count.toLocaleString('en')} rows, ${(heldOut.label_rate * 100).toFixed(1)} % late`);
  return { training, heldOut };
}
