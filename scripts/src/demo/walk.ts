import type { Demo } from './context.js';
import { hold } from './expectation.js';
import { Replay } from './replay.js';
import { catalogStep } from './steps/catalog.js';
import { experimentStep } from './steps/experiment.js';
import { featuresStep } from './steps/features.js';
import { lineageStep } from './steps/lineage.js';
import { monitorStep, playUntilIncident, retrainedVersion, showWindows, weekJudged } from './steps/monitoring.js';
import { promote, registryStep } from './steps/registry.js';
import { deployStep, rolloutStep } from './steps/serving.js';
import { verificationStep } from './steps/verification.js';

export interface Summary {
  readonly ok: boolean;
  readonly events: number;
  readonly models: readonly string[];
  readonly auc: { readonly v1: number; readonly v2: number };
  readonly incidents: number;
  readonly replayIdentical: boolean;
  readonly rootVerified: boolean;
  readonly tamperDetectedAt: number;
  readonly lineageHops: number;
  readonly seconds: number;
}

export interface Walked {
  readonly summary: Omit<Summary, 'seconds'>;
  readonly eventsBySource: ReadonlyMap<string, number>;
  readonly predictions: number;
  readonly labels: number;
}

/** Once around the loop. Throws StepFailed at the first step that does not hold. */
export async function walk(demo: Demo): Promise<Walked> {
  const { ana, out, features } = demo;
  out.chapter('Catalog: data with a contract');
  const catalog = await catalogStep(demo);
  out.chapter('Features and leakage: only what was known before');
  const { training, heldOut } = await featuresStep(demo, catalog);
  out.chapter('Experiment: criteria first, then three training jobs');
  const candidates = await experimentStep(demo, { training, heldOut });
  out.chapter('Registry: gates that block, a second pair of eyes');
  const first = await registryStep(demo, candidates);

  out.chapter('Serving: shadow, canary, complete');
  const replay = await openReplay(demo, catalog.first.version_id, catalog.second.version_id);
  const days = [...replay.days];
  const nextDay = (): number => {
    const day = days.shift();
    hold(day !== undefined, 'there are no flights left to replay');
    return day;
  };
  await deployStep(demo, training.label_rate);
  await monitorStep(demo, training, catalog);
  const { beforeCanary } = await rolloutStep(demo, first, replay, nextDay);

  out.chapter(`Monitoring: ${replay.rows.toLocaleString('en')} flights of April to June, day by day`);
  const bar = out.bar('days', replay.days.length);
  const onDay = (): void => bar.advance(replay.days.length - days.length);
  const incident = await playUntilIncident(demo, replay, days, onDay);
  bar.stop();
  out.refused(`Incident: ${incident.sentence}`);
  const retrained = await retrainedVersion(demo, incident);
  out.say(`The incident made the scheduler retrain: AUC ${(retrained.run.metrics['auc'] ?? NaN).toFixed(4)}, criteria ${retrained.run.verdict}`);
  await promote(demo, retrained);
  await rolloutStep(demo, retrained, replay, nextDay);
  const rest = out.bar('days', replay.days.length);
  for (let day = days.shift(); day !== undefined; day = days.shift()) {
    await replay.playDay(day);
    await weekJudged(demo, day);
    rest.advance(replay.days.length - days.length);
  }
  rest.stop();
  await replay.handInLabels(Infinity);
  await showWindows(demo);
  const { items: incidents } = await ana.get<{ items: unknown[] }>('/monitoring/v1/incidents');

  out.chapter('Lineage: from one prediction back to the rows');
  const lineage = await lineageStep(demo, replay.lastPredictionId, beforeCanary);
  out.chapter('Proof: the log, its root, and one flipped byte');
  const verified = await verificationStep(demo);

  return {
    summary: {
      ok: true,
      events: verified.events,
      models: [`${features.feature_service.name}/${first.model}`, `${features.feature_service.name}/${retrained.model}`],
      auc: { v1: first.run.metrics['auc'] ?? NaN, v2: retrained.run.metrics['auc'] ?? NaN },
      incidents: incidents.length,
      replayIdentical: lineage.replayIdentical,
      rootVerified: verified.rootVerified,
      tamperDetectedAt: verified.tamperDetectedAt,
      lineageHops: lineage.hops,
    },
    eventsBySource: verified.bySource,
    predictions: replay.predictions,
    labels: replay.labels,
  };
}

/** Features of April to June as they were known at the moment of each prediction, with the label and when it became known. */
async function openReplay(demo: Demo, firstVersionId: string, secondVersionId: string): Promise<Replay> {
  const { ana, features } = demo;
  const { digest } = await ana.post<{ digest: string }>('/features/v1/historical', {
    feature_service: features.feature_service.name,
    dataset_version_id: secondVersionId,
    history_version_ids: [firstVersionId],
    prediction_time: features.prediction_time,
    from: '2001-04-01T00:00:00Z',
    to: '2001-07-01T00:00:00Z',
    sample_every: demo.replayEvery,
    carry: [
      { name: 'label', expression: features.label },
      { name: 'label_known_time', expression: features.label_known_time },
    ],
  });
  return Replay.open(demo, await ana.download(`/features/v1/historical/${digest}/data`));
}
